import { CliError } from '../../../model/errors.ts';

/** Which engine, and on which system this program runs: what an error about it has to name. */
export interface EngineAddress {
  readonly endpoint: string;
  readonly platform: NodeJS.Platform;
}

export function engineUnreachable({ endpoint, platform }: EngineAddress, reason: string): CliError {
  const start = platform === 'linux' ? 'Start it: sudo systemctl start docker' : 'Start Docker Desktop';
  const local = /^(unix|npipe):/.test(endpoint);
  return new CliError('engine_unreachable', `The Docker engine at ${endpoint} is not responding (${reason})`, {
    hint: local ? start : 'See which engine Docker uses and whether it is running: docker context ls',
    details: { endpoint, reason },
  });
}

export function enginePermission({ endpoint, platform }: EngineAddress): CliError {
  return new CliError('engine_permission', `Permission denied: cannot use the Docker engine at ${endpoint}`, {
    hint: platform === 'win32' ? PERMIT_ON_WINDOWS : PERMIT,
    details: { endpoint },
  });
}

const PERMIT = `Use rootless Docker: https://docs.docker.com/engine/security/rootless/
Or join the docker group, then log in again: sudo usermod -aG docker $USER`;

/** For an administrator's PowerShell. */
const PERMIT_ON_WINDOWS =
  'As an administrator, join the group docker-users, then sign in again: net localgroup docker-users $env:USERNAME /add';

export function engineRefused({ endpoint }: EngineAddress, answer: string): CliError {
  return new CliError('engine_unsupported', `The Docker engine at ${endpoint} gave an unexpected answer: ${answer}`, {
    hint: 'Update Docker: https://docs.docker.com/engine/install/',
    details: { endpoint, answer },
  });
}

/** What the docker CLI says when the engine, not the request, is the trouble; undefined when it is not. */
export function engineTrouble(stderr: string, address: EngineAddress): CliError | undefined {
  // A refused connection names the daemon too, so this goes first.
  if (/permission denied while trying to connect/i.test(stderr)) return enginePermission(address);
  if (/Cannot connect to the Docker daemon|error during connect|failed to connect to the docker API/i.test(stderr)) {
    return engineUnreachable(address, 'connection failed');
  }
  if (/client version \S+ is too (new|old)/.test(stderr)) return engineRefused(address, lastLine(stderr));
  return undefined;
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
