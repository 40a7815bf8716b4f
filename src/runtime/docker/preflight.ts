import { CliError } from '../../model/errors.ts';
import { isOlder } from '../../text/version-order.ts';
import type { EngineIdentity } from '../runtime.ts';
import { composeVersion } from './compose/compose-argv.ts';
import type { DockerCli } from './engine/docker-cli.ts';
import type { EngineClient, EngineInfo } from './engine/engine-client.ts';
import { lastLine } from './engine/engine-error.ts';

/** For several `--env-file`, `--pull` on `up`, and one JSON object per line from `ps`. */
const OLDEST_COMPOSE = '2.21.0';
const ARCHITECTURES: readonly string[] = ['x86_64', 'amd64', 'aarch64', 'arm64'];
const TIMEOUT_MS = 20_000;
const INSTALL = 'https://docs.docker.com/compose/install/';

export async function preflight(docker: DockerCli, engine: EngineClient, endpoint: string): Promise<EngineIdentity> {
  // Both at once, but a missing program is reported before an engine that is down.
  const [compose, info] = await Promise.allSettled([requireUsableCompose(docker), engine.info()]);
  if (compose.status === 'rejected') throw compose.reason;
  if (info.status === 'rejected') throw info.reason;
  requireUsableEngine(info.value, endpoint);
  return { endpoint, id: info.value.ID || endpoint };
}

/** Returns the version of Compose; throws if Compose is missing or too old. */
export async function requireUsableCompose(docker: DockerCli): Promise<string> {
  const result = await docker(composeVersion().args, { timeoutMs: TIMEOUT_MS });
  if (result.exitCode !== 0) {
    throw new CliError('compose_missing', 'The Docker Compose plugin is not installed', {
      hint: `Install it: ${INSTALL}`,
      details: { reason: lastLine(result.stderr), exitCode: result.exitCode },
    });
  }
  const found = result.stdout.trim();
  if (isOlder(found, OLDEST_COMPOSE)) {
    throw new CliError(
      'compose_too_old',
      `Docker Compose ${found} is too old: agents-llm needs ${OLDEST_COMPOSE} or later`,
      {
        hint: `Update it: ${INSTALL}`,
        details: { found, needed: OLDEST_COMPOSE },
      },
    );
  }
  return found;
}

export function requireUsableEngine(info: EngineInfo, endpoint: string): void {
  const details = { endpoint, system: info.OSType, architecture: info.Architecture };
  if (info.OSType !== 'linux') {
    throw new CliError(
      'engine_unsupported',
      `The Docker engine at ${endpoint} runs ${info.OSType} containers, but agents-llm needs Linux containers`,
      {
        hint: 'Switch Docker Desktop to Linux containers',
        details,
      },
    );
  }
  if (!ARCHITECTURES.includes(info.Architecture)) {
    throw new CliError(
      'engine_unsupported',
      `The Docker engine at ${endpoint} runs on ${info.Architecture}, but LiteLLM has no image for it`,
      {
        hint: 'Use an engine on x86_64 or arm64: docker context use NAME',
        details,
      },
    );
  }
}
