import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { noteStack } from './this-run.ts';

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Removes all of a project, however broken it is. */
export function removeProject(project: string): void {
  noteStack(project);
  const filter = ['--filter', `label=com.docker.compose.project=${project}`];
  const remove = (list: string[], command: string[]) => {
    const names = docker(...list, ...filter)
      .split('\n')
      .filter(Boolean);
    if (names.length > 0) docker(...command, ...names);
  };
  remove(['ps', '-aq'], ['rm', '-f', '-v']);
  remove(['volume', 'ls', '-q'], ['volume', 'rm', '-f']);
  remove(['network', 'ls', '-q'], ['network', 'rm']);
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
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: '/var/run/docker.sock', path, method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => text(response).then(() => resolve(response.statusCode ?? 0), reject),
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
