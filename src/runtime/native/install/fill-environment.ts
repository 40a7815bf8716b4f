import { dirname, join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import type { Command, RunResult } from '../../../io/processes/runner.ts';
import type { Progress } from '../../../io/terminal/progress.ts';
import type { GatewayVariable } from '../../../model/gateway-environment.ts';
import { installError } from './install-error.ts';
import {
  compilePackages,
  createVenv,
  discardDamaged,
  type Environment,
  generateClient,
  installPackages,
  type StepOptions,
  setModes,
  uvCache,
  uvFolder,
} from './install-steps.ts';
import { withAuthorities, withProxies } from './installer-network.ts';
import { provideUv } from './provide-uv.ts';
import type { Installer, PythonOptions } from './python.ts';
import { runConcurrently } from './run-concurrently.ts';
import { isFull, runInstaller } from './run-installer.ts';
import { uvProgress } from './uv-progress.ts';
import { readPipSettings, uvEnvironment, uvSettings } from './uv-settings.ts';

interface FillOptions extends PythonOptions {
  readonly files: Files;
  /** This Node's own path. */
  readonly node: string;
  readonly programs: string;
  /** The lock file. */
  readonly lock: string;
  readonly progress: Progress;
  /** The variables of the gateway. The installation uses their HTTP proxies and certificate authorities. */
  readonly variables?: readonly GatewayVariable[];
  /** Whether other users run the environment. */
  readonly isShared: boolean;
}

interface FillInstaller extends Installer {
  /** Whether there is an interrupted or damaged installation with this Python. */
  readonly hasRemains: boolean;
}

/** Runs the steps of the installation in order; independent ones run concurrently. */
export async function fillEnvironment(
  environment: Environment,
  installer: FillInstaller,
  given: FillOptions,
): Promise<void> {
  const { executable } = installer.python;
  const settings = await runInstaller(readPipSettings(executable, given.programs), given);
  const options = { ...given, env: await networkEnvironment(environment, given, settings.stdout) };
  const { files, node, programs, progress, lock } = options;
  const env = uvEnvironment(settings.stdout, options.env, uvCache(environment));
  let downloadedUv: string | undefined;
  const run = stepRunner(dirname(environment.folder), { ...options, env });
  await runConcurrently(options.signal, [
    async (signal) => {
      if (!installer.hasUv) downloadedUv = await provideUv(installer.python, environment, { ...options, env, signal });
    },
    async (signal) => {
      if (!installer.hasRemains) return;
      await run('Checking installed packages', discardDamaged(environment, executable, programs), { signal });
    },
  ]);
  const uv = installer.hasUv ? 'uv' : downloadedUv;
  const steps: StepOptions = { python: executable, lock, uv, node, programs };
  await run('Creating the Python environment', createVenv(environment, steps));
  const output = uv === undefined ? {} : { onLine: uvProgress((text) => progress.detail(text)) };
  await run(`Installing packages with ${uv === undefined ? 'pip' : 'uv'}`, installPackages(environment, steps), output);
  await runConcurrently(options.signal, [
    () => files.remove(uvFolder(environment)),
    async (signal) => {
      await run('Generating the database client', generateClient(environment, steps), { signal });
      await run('Compiling packages', compilePackages(environment, steps, 'prisma'), { signal });
    },
    (signal) => run('Compiling packages', compilePackages(environment, steps, '-prisma'), { signal }),
  ]);
  await run('Setting file permissions', setModes(environment, options.isShared));
}

function networkEnvironment(environment: Environment, { env, variables = [], files }: FillOptions, settings: string) {
  const pipCert = uvSettings(settings, {}).SSL_CERT_FILE;
  const certificates = { files, ...(pipCert !== undefined && { pipCert }) };
  return withAuthorities(withProxies(env, variables), variables, join(uvFolder(environment), 'way-out'), certificates);
}

interface StepRun {
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

function stepRunner(installs: string, options: FillOptions) {
  const { progress } = options;
  return async (text: string, command: Command, { signal, onLine }: StepRun = {}): Promise<void> => {
    progress.phase(text);
    const tell = onLine ?? ((line: string) => progress.detail(line.trim().slice(0, 60)));
    const result: RunResult = await runInstaller(command, { ...options, signal: signal ?? options.signal }, tell);
    if (result.exitCode !== 0) throw installError(text, result, await isFull(installs, options));
  };
}
