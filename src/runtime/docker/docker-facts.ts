import type { DockerFacts, EngineFacts } from '../runtime.ts';
import type { DockerCli } from './engine/docker-cli.ts';
import type { EngineClient } from './engine/engine-client.ts';

const TIMEOUT_MS = 20_000;
const preflight = () => import('./preflight.ts');

export function dockerFacts(
  docker: DockerCli,
  connect: () => Promise<{ readonly engine: EngineClient; readonly endpoint: string }>,
): DockerFacts {
  return {
    kind: 'docker',
    cliVersion: async () => versionIn((await docker(['--version'], { timeoutMs: TIMEOUT_MS })).stdout),
    composeVersion: async () => (await preflight()).requireUsableCompose(docker),
    engine: async () => {
      const { engine, endpoint } = await connect();
      return engineFacts(engine, endpoint);
    },
  };
}

/** Reads `Docker version 28.2.2, build e6534b4` and Podman's `podman version 4.3.1`. */
function versionIn(text: string): string {
  return /version ([^\s,]+)/i.exec(text)?.[1] ?? 'of unknown version';
}

async function engineFacts(engine: EngineClient, endpoint: string): Promise<EngineFacts> {
  const [info, { requireUsableEngine }] = await Promise.all([engine.info(), preflight()]);
  requireUsableEngine(info, endpoint);
  const clock = Date.parse(info.SystemTime);
  return {
    endpoint,
    id: info.ID || endpoint,
    product: info.BuildahVersion === undefined ? 'Docker' : 'Podman',
    version: info.ServerVersion || 'of unknown version',
    memory: info.MemTotal,
    time: Number.isNaN(clock) ? null : clock,
    storage: info.DockerRootDir,
  };
}
