import { type Argument, Command, CommanderError, Option } from 'commander';
import { formatHelp, GLOBAL } from './cli/command-help.ts';
import type { Invoke } from './cli/invoke.ts';
import { showOutcome } from './cli/show-outcome.ts';
import { COMMANDS, type CommandEntry } from './commands/command-table.ts';
import type { Context } from './context/context.ts';
import { paintFor, plainPaint } from './io/terminal/paint.ts';
import { type Progress, plainProgress, silentProgress, terminalProgress } from './io/terminal/progress.ts';
import { traceHttp, traceRunner } from './io/trace.ts';
import type { ExitCode } from './model/errors.ts';
import { hintText } from './model/hint-text.ts';
import type { Redaction } from './model/redaction.ts';
import { warningLine } from './model/report.ts';
import { type GlobalFlags, resolveSettings, type Settings } from './model/settings.ts';
import { requireOwnHome } from './project/project-folder.ts';
import { oneLine } from './text/shown-text.ts';

/** Commands that do not read the home folder, or that report its problems themselves. */
const IN_ANY_HOME: ReadonlySet<string> = new Set(['completion', 'doctor']);

declare const __AGENTS_LLM_VERSION__: string;

/** The state of a command line while it runs. */
export interface Session {
  /** For the JSON envelope: `up`, `alias add`, or `agents-llm` until the command is known. */
  command: string;
  exitCode: ExitCode;
  /** The default until the flags are read. */
  project: string;
  /** Whether to print JSON; undefined until the flags are read. */
  json?: boolean;
  /** Whether the help describes every option and what scripts rely on. */
  readonly verboseHelp: boolean;
  readonly redaction: Redaction;
  /** Further warnings for the JSON result, besides the command's own. */
  readonly warnings: string[];
}

const ABOUT = `A local LiteLLM gateway in one command

  $ agents-llm up             Start the gateway at http://127.0.0.1:4000
  $ agents-llm setup          Add a provider key, alias gpt-5 and a virtual key
  $ agents-llm run -- CMD     Run a program that uses the gateway
  $ agents-llm down           Stop the gateway and keep its data`;

export function buildProgram(context: Context, session: Session): Command {
  const program = new Command('agents-llm')
    .description(ABOUT)
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.streams.stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => context.streams.stdout.columns || 80,
    })
    .configureHelp({
      formatHelp: (command, help) => formatHelp(command, help, session.verboseHelp),
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
    })
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpOption(new Option('-h, --help', 'show this help; with --verbose all of it').helpGroup(GLOBAL))
    .addHelpCommand(HELP);
  addVersion(program, context);
  addGlobalOptions(program);
  const load = addCommands(program, context, session);
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .option('--encoded <words>')
    .action(async (words: string[], { encoded }: { encoded?: string }) => {
      const { decodeWords, runComplete } = await import('./completion/complete.ts');
      const given = encoded === undefined ? words : decodeWords(encoded);
      await runComplete(given, { program, load, context, startedAt: performance.timeOrigin });
    });
  return program;
}

/** Adds names and summaries only. The returned function loads a command's own declarations when it is called. */
function addCommands(program: Command, context: Context, session: Session): (command: Command) => Promise<void> {
  const invoke = invokeWith(context, session);
  const loads = new Map<string, CommandEntry['load']>();
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).description(entry.summary).summary(entry.summary);
    addGlobalOptions(command.helpGroup(`${entry.group}:`));
    loads.set(entry.name, entry.load);
  }
  const load = async (command: Command) => {
    const register = command.parent === program ? await loads.get(command.name())?.() : undefined;
    if (!register) return;
    register(command, invoke);
    for (const child of command.commands) addGlobalOptions(child);
    command.hook('preSubcommand', (_, child) => {
      session.command = commandPath(child);
    });
  };
  program.hook('preSubcommand', (_, command) => {
    session.command = command.name();
    return load(command);
  });
  return load;
}

/** Only for the list of commands, because `main` turns `help COMMAND` into `COMMAND --help`. */
const HELP = new Command('help')
  .argument('[command]')
  .description('Show the help of a command')
  .helpGroup('Troubleshooting:');

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function addVersion(program: Command, context: Context): void {
  program
    .addOption(new Option('-v, --version', 'print the version').helpGroup(GLOBAL))
    .addOption(new Option('-V').hideHelp());
  const print = () => {
    context.streams.stdout.write(`${__AGENTS_LLM_VERSION__}\n`);
    throw new CommanderError(0, 'commander.version', __AGENTS_LLM_VERSION__);
  };
  program.on('option:version', print).on('option:V', print);
}

/** Accepted before and after the command's name. */
function addGlobalOptions(command: Command): Command {
  const options = [
    new Option('-p, --project-name <name>', 'the stack to use (AGENTS_LLM_PROJECT_NAME)'),
    new Option('--json', 'print the result as one JSON object (AGENTS_LLM_OUTPUT=json)'),
    new Option('-q, --quiet', 'hide progress'),
    new Option('--debug', 'print each command and HTTP call to stderr (AGENTS_LLM_DEBUG=1)'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GLOBAL));
  return command;
}

function invokeWith(context: Context, session: Session): Invoke {
  return async (command, run, render) => {
    session.command = commandPath(command);
    const settings = resolveSettings(command.optsWithGlobals<GlobalFlags>(), context.env, context.home, context.cwd);
    session.project = settings.project;
    session.json = settings.json;
    if (!IN_ANY_HOME.has(session.command.split(' ')[0] ?? '')) await requireOwnHome(context.files, settings.paths);
    const paint = settings.json ? plainPaint : await paintFor(context.env, context.streams.stdout.isTerminal);
    const progress = await progressFor(context, settings);
    const traced = settings.debug ? withTrace(context, session.redaction) : context;
    const warn = warnBy(context, session, progress);
    const { redaction } = session;
    const outcome = await run({ context: traced, settings, progress, paint, redaction, warn }).catch((error) => {
      progress.end(false);
      throw error;
    });
    progress.end(true);
    session.exitCode = outcome.exitCode ?? 0;
    const warnings = [...session.warnings, ...(outcome.warnings ?? [])].map((text) =>
      hintText(text, session.project, context),
    );
    const whole = { ...outcome, warnings };
    if (render !== null) showOutcome(session.command, whole, render, { context, settings, paint });
  };
}

function warnBy(context: Context, session: Session, progress: Progress): (text: string) => void {
  return (said) => {
    const text = hintText(said, session.project, context);
    if (session.json) {
      session.warnings.push(text);
      return;
    }
    const resume = progress.pause();
    context.streams.stderr.write(warningLine(text));
    resume();
  };
}

async function progressFor(context: Context, settings: Settings) {
  const { stderr } = context.streams;
  if (settings.quiet) return silentProgress;
  // Terminals created by programs may have no width, so nothing can be drawn on them.
  const canDraw = stderr.isTerminal && stderr.columns > 0;
  if (canDraw && !context.env.CI && !settings.debug) return terminalProgress(stderr, context.clock);
  return plainProgress(stderr, context.clock);
}

function withTrace(context: Context, redaction: Redaction): Context {
  const write = (line: string) => context.streams.stderr.write(`debug: ${oneLine(redaction.apply(line))}\n`);
  return {
    ...context,
    runner: traceRunner(context.runner, context.clock, write),
    http: traceHttp(context.http, context.clock, write),
  };
}

function commandPath(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}
