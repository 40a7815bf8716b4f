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
    mounted: database ? mountedAt(database, dataFolder(database)) : null,
    sharedWith: users.filter((user) => projectOf(user) !== project).map(describeContainer),
  };
}

/** Where PostgreSQL keeps its files; images from 18 on say another place than those before. */
function dataFolder({ Config }: Container): string {
  const declared = Config.Env.find((entry) => entry.startsWith('PGDATA='))?.slice('PGDATA='.length);
  return declared || '/var/lib/postgresql/data';
}

/** The innermost mount that holds the folder. */
function mountedAt({ Mounts }: Container, folder: string): string | null {
  const holding = Mounts.filter(({ Destination }) => `${folder}/`.startsWith(`${Destination.replace(/\/$/, '')}/`));
  const [inner] = holding.sort((a, b) => b.Destination.length - a.Destination.length);
  return inner ? inner.Name || inner.Source : null;
}
