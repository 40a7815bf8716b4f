import { CliError } from '../../../model/errors.ts';

/** What an error about an engine needs: its address, and the system that we run on. */
export interface EngineAddress {
  readonly endpoint: string;
  readonly platform: NodeJS.Platform;
}

export function engineUnreachable({ endpoint, platform }: EngineAddress, reason: string): CliError {
  const start = platform === 'linux' ? 'Start it: sudo systemctl start docker' : 'Start Docker Desktop';
  const isLocal = /^(unix|npipe):/.test(endpoint);
  return new CliError('engine_unreachable', `The Docker engine at ${endpoint} is not responding (${reason})`, {
    hint: isLocal ? start : 'See which engine Docker uses and whether it is running: docker context ls',
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

/** For PowerShell as an administrator. */
const PERMIT_ON_WINDOWS =
  'As an administrator, join the group docker-users, then sign in again: net localgroup docker-users $env:USERNAME /add';

export function engineRefused({ endpoint }: EngineAddress, answer: string): CliError {
  return new CliError('engine_unsupported', `The Docker engine at ${endpoint} gave an unexpected answer: ${answer}`, {
    hint: 'Update Docker: https://docs.docker.com/engine/install/',
    details: { endpoint, answer },
  });
}

/** The error if the docker CLI reports a problem with the engine itself, rather than with the request. */
export function engineTrouble(stderr: string, address: EngineAddress): CliError | undefined {
  // Checked first, because this message also mentions the daemon.
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
