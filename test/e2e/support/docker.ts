import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { noteStack } from './this-run.ts';

/** The engine that the tests run on. */
export const docker = dockerAt(undefined);

/** The docker command on another engine. */
export function dockerAt(engine: string | undefined): (...args: string[]) => string {
  const at = engine === undefined ? [] : ['-H', engine];
  return (...args) =>
    execFileSync('docker', [...at, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

const KINDS = [
  { list: ['ps', '-aq'], remove: ['rm', '-f', '-v'] },
  { list: ['volume', 'ls', '-q'], remove: ['volume', 'rm', '-f'] },
  { list: ['network', 'ls', '-q'], remove: ['network', 'rm'] },
];

/** Containers, volumes and networks of a project. */
export function partsOf(project: string, engine?: string): string[][] {
  const filter = ['--filter', `label=com.docker.compose.project=${project}`];
  return KINDS.map(({ list }) =>
    dockerAt(engine)(...list, ...filter)
      .split('\n')
      .filter(Boolean),
  );
}

/** Removes all of a project, however broken it is. */
export function removeProject(project: string, engine?: string): void {
  if (engine === undefined) noteStack(project);
  for (const [at, names] of partsOf(project, engine).entries()) {
    if (names.length > 0) dockerAt(engine)(...(KINDS[at]?.remove ?? []), ...names);
  }
}

/** Whether the engine has an image. */
export function hasImage(image: string): boolean {
  try {
    docker('image', 'inspect', image);
    return true;
  } catch {
    return false;
  }
}

/** An image that ends at once with 3 and says so. */
export function buildCrashingImage(name: string): void {
  const dockerfile = `FROM ghcr.io/berriai/litellm:v1.108.11
ENTRYPOINT ["sh", "-c", "echo a cause of its own >&2; exit 3"]
`;
  execFileSync('docker', ['build', '-q', '-t', name, '-'], {
    input: dockerfile,
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** What two Composes that start at once leave behind. False where the engine allows no second network of one name. */
export async function doubleNetwork(project: string): Promise<boolean> {
  const labels = { 'com.docker.compose.project': project, 'com.docker.compose.network': 'default' };
  const create = () => post('/networks/create', { Name: `${project}_default`, CheckDuplicate: false, Labels: labels });
  const existing = docker('network', 'ls', '-q', '--filter', `name=${project}_default`) === '' ? await create() : 201;
  return existing === 201 && (await create()) === 201;
}

function post(path: string, body: object): Promise<number> {
  const socketPath = /^unix:\/\/(.+)$/.exec(process.env.DOCKER_HOST ?? '')?.[1] ?? '/var/run/docker.sock';
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => text(response).then(() => resolve(response.statusCode ?? 0), reject),
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
