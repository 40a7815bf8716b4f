import { CliError } from '../../../model/errors.ts';

/** Which engine, and on which system this program runs: what an error about it has to name. */
export interface EngineAddress {
  readonly endpoint: string;
  readonly platform: NodeJS.Platform;
}

export function engineUnreachable({ endpoint, platform }: EngineAddress, reason: string): CliError {
  const start = platform === 'linux' ? 'start it: sudo systemctl start docker' : 'start Docker Desktop';
  const local = /^(unix|npipe):/.test(endpoint);
  return new CliError('engine_unreachable', `no Docker engine answers at ${endpoint} (${reason})`, {
    hint: local ? start : 'see which engine Docker uses, and whether it is up: docker context ls',
    details: { endpoint, reason },
  });
}

export function enginePermission({ endpoint }: EngineAddress): CliError {
  return new CliError('engine_permission', `you may not use the Docker engine at ${endpoint}`, {
    hint: `use rootless Docker (https://docs.docker.com/engine/security/rootless/), or join the group docker and log in again:
sudo usermod -aG docker $USER`,
    details: { endpoint },
  });
}

export function engineRefused({ endpoint }: EngineAddress, answer: string): CliError {
  return new CliError(
    'engine_unsupported',
    `the engine at ${endpoint} does not understand what it was asked: ${answer}`,
    {
      hint: 'update Docker: https://docs.docker.com/engine/install/',
      details: { endpoint, answer },
    },
  );
}

/** What the docker CLI says when the engine, not the request, is the trouble; undefined when it is not. */
export function engineTrouble(stderr: string, address: EngineAddress): CliError | undefined {
  // A refused connection names the daemon too, so this goes first.
  if (/permission denied while trying to connect/i.test(stderr)) return enginePermission(address);
  if (/Cannot connect to the Docker daemon|error during connect|failed to connect to the docker API/i.test(stderr)) {
    return engineUnreachable(address, 'is it running?');
  }
  if (/client version \S+ is too (new|old)/.test(stderr)) return engineRefused(address, lastLine(stderr));
  return undefined;
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
