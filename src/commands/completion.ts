import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import {
  COMPLETION_SHELLS,
  type CompletionShell,
  completionPlaces,
  INSTALLED_SHELLS,
  type InstalledShell,
} from '../completion/completion-places.ts';
import { installCompletion } from '../completion/install-completion.ts';
import type { Context } from '../context/context.ts';
import type { Invocation } from '../context/invocation.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { completionScript } from '../package-files.ts';

export interface CompletionData {
  readonly shell: CompletionShell;
  readonly script: string;
}

export interface CompletionInstallData {
  readonly shell: InstalledShell;
  readonly change: 'installed' | 'unchanged';
  readonly file: string;
  /** The file that got a line; null when the shell needs none. */
  readonly startFile: string | null;
  /** Those of the two that were written. */
  readonly written: readonly string[];
}

const RUNS = { print: runCompletion, install: runCompletionInstall };

export function registerCompletion(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  for (const shell of COMPLETION_SHELLS) {
    const print = group.command(shell).description(`Print the script for ${shell}`);
    print.action(() =>
      invoke(
        print,
        (given) => runs.print(shell, given),
        ({ script }) => script,
      ),
    );
  }
  const install = group.command('install').description('Install the script for your shell');
  install
    .addOption(new Option('--shell <shell>', 'the shell (default: the one in SHELL)').choices(COMPLETION_SHELLS))
    .action(() =>
      invoke(install, (given) => runs.install(install.opts<{ shell?: CompletionShell }>(), given), renderInstalled),
    );
}

export async function runCompletion(shell: CompletionShell, { context }: Invocation): Promise<Outcome<CompletionData>> {
  return { data: { shell, script: await readScript(shell, context.files) }, ownLines: ['script'] };
}

export async function runCompletionInstall(
  flags: { readonly shell?: CompletionShell },
  invocation: Invocation,
): Promise<Outcome<CompletionInstallData>> {
  const { context } = invocation;
  const shell = installedShell(flags.shell ?? shellOf(context));
  const places = completionPlaces(shell, context);
  const written = await installCompletion(context.files, places, {
    shell,
    text: await readScript(shell, context.files),
  });
  return {
    data: {
      shell,
      change: written.length > 0 ? 'installed' : 'unchanged',
      file: places.file,
      startFile: places.start?.file ?? null,
      written,
    },
  };
}

async function readScript(shell: CompletionShell, files: Context['files']): Promise<string> {
  const path = completionScript(shell);
  const script = await files.read(path);
  if (script === undefined) throw new Error(`The installation is incomplete: ${path} is missing`);
  return script;
}

function installedShell(shell: CompletionShell): InstalledShell {
  if (shell !== 'powershell') return shell;
  throw new CliError(
    'usage',
    'Cannot install completion for PowerShell, because only PowerShell knows where its profile is',
    {
      hint: 'Add it to your profile in PowerShell: agents-llm completion powershell | Add-Content $PROFILE',
    },
  );
}

function shellOf({ env, platform }: Pick<Context, 'env' | 'platform'>): CompletionShell {
  const name = env.SHELL?.split('/').at(-1);
  const found = COMPLETION_SHELLS.find((shell) => shell === name);
  if (found) return found;
  if (name === 'pwsh' || (!name && platform === 'win32')) return 'powershell';
  throw new CliError('usage', name ? `Completion is not available for ${name}` : 'Cannot tell which shell you use', {
    hint: `Name the shell: agents-llm completion install --shell ${INSTALLED_SHELLS.join('|')}`,
  });
}

export function renderInstalled({ shell, change, file, written }: CompletionInstallData): string {
  if (change === 'unchanged') return `Already installed for ${shell}: ${file}\n`;
  const lines = written.map((path) => (path === file ? `Wrote ${path}\n` : `Added a line to ${path}\n`));
  return `${lines.join('')}New shells use it. To use it in this one: source ${file}\n`;
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm completion install',
    'agents-llm completion install --shell zsh',
    'source <(agents-llm completion bash)',
    'agents-llm completion powershell | Out-String | Invoke-Expression',
  ],
  json: {
    ...Object.fromEntries(COMPLETION_SHELLS.map((shell) => [shell, '{shell, script}'])),
    install: '{shell, change: "installed"|"unchanged", file, startFile, written}',
  },
  exits: [],
};
