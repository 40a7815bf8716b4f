import { CliError } from '../../model/errors.ts';
import type { EngineIdentity } from '../runtime.ts';
import type { Environment } from './install/install-steps.ts';
import { findInstaller, type PythonOptions } from './install/python.ts';

export interface PreflightOptions extends PythonOptions {
  readonly platform: NodeJS.Platform;
  readonly isMusl: () => boolean;
  readonly python: string | undefined;
}

/** Checks whether this machine can run the stack. A Python is only needed as long as nothing is installed. */
export async function nativePreflight(
  options: PreflightOptions,
  isInstalled: () => Promise<boolean>,
): Promise<EngineIdentity> {
  requireUsableSystem(options);
  if (!(await isInstalled())) await findInstaller(options.python, options);
  return { endpoint: 'native', id: 'native' };
}

export function requireUsableSystem({ platform, isMusl }: Pick<PreflightOptions, 'platform' | 'isMusl'>): void {
  if (platform === 'win32') throw unsupported('it needs Linux or macOS', `${USE_DOCKER}\n${USE_WSL}`);
  if (platform !== 'linux' && platform !== 'darwin') throw unsupported(`it does not run on ${platform}`);
  if (isMusl()) throw unsupported('PyPI has PostgreSQL only for glibc, but this system uses musl (Alpine)');
}

export function requireInstalled(image: string, found: Environment | undefined): Environment {
  if (found) return found;
  throw new CliError('image_missing', `${image} is not completely installed on this machine`, {
    hint: 'Install it: agents-llm native install',
    details: { image },
  });
}

const USE_DOCKER = 'Use Docker: agents-llm up --runtime docker';
const USE_WSL = 'Or run agents-llm in WSL, which is Linux: wsl --install';

function unsupported(why: string, hint = USE_DOCKER): CliError {
  return new CliError('native_unsupported', `The native runtime is not supported here: ${why}`, { hint });
}
