import { DATABASE } from '../../model/service.ts';
import type { DataPlace } from '../runtime.ts';
import { type Container, describeContainer, projectOf, serviceContainer } from './engine/container.ts';
import type { EngineClient, EngineFilter } from './engine/engine-client.ts';

/** The name that Compose gives the volume `litellm_pgdata` of docker-compose.yml. */
export const volumeOf = (project: string) => `${project}_litellm_pgdata`;

export async function dataPlace(engine: EngineClient, project: string, ofProject: EngineFilter): Promise<DataPlace> {
  const name = volumeOf(project);
  const [exists, own, users] = await Promise.all([
    engine.hasVolume(name),
    engine.containers(ofProject),
    engine.containers({ key: 'volume', value: name }),
  ]);
  const database = serviceContainer(own, DATABASE);
  return {
    volume: exists ? name : null,
    mounted: database ? mountSource(database, dataFolder(database)) : null,
    sharedWith: users.filter((user) => projectOf(user) !== project).map(describeContainer),
  };
}

/** PostgreSQL's data directory, which differs between versions of the image. */
function dataFolder({ Config }: Container): string {
  const declared = Config.Env.find((entry) => entry.startsWith('PGDATA='))?.slice('PGDATA='.length);
  return declared || '/var/lib/postgresql/data';
}

/** What is mounted at the folder: the innermost of several. */
function mountSource({ Mounts }: Container, folder: string): string | null {
  const containing = Mounts.filter(({ Destination }) => `${folder}/`.startsWith(`${Destination.replace(/\/$/, '')}/`));
  const [innermost] = containing.sort((a, b) => b.Destination.length - a.Destination.length);
  return innermost ? innermost.Name || innermost.Source : null;
}
