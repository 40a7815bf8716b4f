import { CliError } from './errors.ts';
import { homeFolder, type ProjectPaths, projectPaths } from './paths.ts';
import { DEFAULT_PROJECT } from './stack-spec.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type OutputFormat = 'text' | 'json' | 'env';

/** The flags that every command takes. */
export interface GlobalFlags {
  readonly projectName?: string;
  readonly json?: boolean;
  /** The `-o` of the commands that have one. It says more than `--json` does. */
  readonly format?: OutputFormat | undefined;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

export interface Settings {
  readonly project: string;
  readonly paths: ProjectPaths;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Compose's own rule, so that the name is refused here with a hint and not there without. */
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The folder beside the projects' own, in which the native runtime is installed. */
const RESERVED = 'native';

/** Flag, then variable, then default. */
export function resolveSettings(flags: GlobalFlags, env: Env, home: string, cwd: string): Settings {
  const project = flags.projectName ?? (env.AGENTS_LLM_PROJECT_NAME || DEFAULT_PROJECT);
  if (!PROJECT.test(project) || project === RESERVED) {
    const source = flags.projectName === undefined ? 'AGENTS_LLM_PROJECT_NAME' : '--project-name';
    throw new CliError('usage', `${source}: "${project}" is not a valid project name`, {
      hint: 'Use lower-case letters, digits, - and _, starting with a letter or digit',
    });
  }
  return {
    project,
    paths: projectPaths(homeFolder(env, home, cwd), project),
    json: isJson(flags, env),
    quiet: flags.quiet ?? false,
    debug: flags.debug ?? env.AGENTS_LLM_DEBUG === '1',
  };
}

function isJson({ format, json }: GlobalFlags, env: Env): boolean {
  return format === undefined ? (json ?? env.AGENTS_LLM_OUTPUT === 'json') : format === 'json';
}

/** The same for a command line whose flags could not be read to the end. */
export function looksForJson(words: readonly string[], env: Env): boolean {
  const format = /^.* (?:-o|--output)[ =]?(text|json|env) /s.exec(` ${words.join(' ')} `)?.[1] as
    | OutputFormat
    | undefined;
  return isJson({ format, ...(words.includes('--json') ? { json: true } : {}) }, env);
}

/** A text that tells to run commands, with these meant for the same stack. */
export function forProject(text: string, project: string): string {
  if (project === DEFAULT_PROJECT) return text;
  return text.replace(/(?<![\w/.-])agents-llm (?=[a-z])/g, commandLine(project, ''));
}

/** The error with a hint whose commands are meant for that project. */
export function inProject(error: CliError, project: string): CliError {
  if (error.hint === null) return error;
  const { code, lines, details, cause } = error;
  return new CliError(code, lines, { hint: forProject(error.hint, project), details, cause });
}

/** `agents-llm`, with the project when it is not the default: the beginning of every command that a hint names. */
export function commandLine(project: string, rest: string): string {
  return project === DEFAULT_PROJECT ? `agents-llm ${rest}` : `agents-llm -p ${project} ${rest}`;
}
