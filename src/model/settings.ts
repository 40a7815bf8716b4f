import { CliError } from './errors.ts';
import { homeFolder, type ProjectPaths, projectPaths } from './paths.ts';
import { DEFAULT_PROJECT } from './stack-spec.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type OutputFormat = 'text' | 'json' | 'env';

/** The flags of every command. */
export interface GlobalFlags {
  readonly projectName?: string;
  readonly json?: boolean;
  /** The `-o` of the commands that have one. It wins over `--json`. */
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

/** Compose's own rule, checked here so that the error has a hint. */
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The folder of the native runtime, which is next to the folders of the projects. */
const RESERVED = 'native';

/** A flag wins over its variable, which wins over the default. */
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

/** Whether JSON is wanted, for a command line that could not be parsed. */
export function looksForJson(words: readonly string[], env: Env): boolean {
  const format = /^.* (?:-o|--output)[ =]?(text|json|env) /s.exec(` ${words.join(' ')} `)?.[1] as
    | OutputFormat
    | undefined;
  return isJson({ format, ...(words.includes('--json') ? { json: true } : {}) }, env);
}

/** Adds `-p PROJECT` to the commands in a text. */
export function forProject(text: string, project: string): string {
  if (project === DEFAULT_PROJECT) return text;
  return text.replace(/(?<![\w/.-])agents-llm (?=[a-z])/g, commandLine(project, ''));
}

/** A command line for the result of a command, which can be typed whether agents-llm is installed or not. */
export const npxLine = (project: string, rest: string): string => `npx ${commandLine(project, rest)}`;

/** An `agents-llm` command line, with the project if it is not the default. */
export function commandLine(project: string, rest: string): string {
  return project === DEFAULT_PROJECT ? `agents-llm ${rest}` : `agents-llm -p ${project} ${rest}`;
}
