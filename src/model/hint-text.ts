import { CliError } from './errors.ts';
import { forProject } from './settings.ts';
import { forPlatform } from './windows-hints.ts';

/** Where a hint is read, which decides how its commands are typed. */
export interface HintPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** A text whose commands can be typed as they are: with `-p PROJECT`, in the words of the platform, behind `npx`. */
export function hintText(text: string, project: string, { env, platform }: HintPlace): string {
  const said = forPlatform(forProject(text, project), platform);
  return isStartedByNpx(env) ? said.replace(/(?<![\w/.-])(?<!npx )agents-llm (?=[a-z-])/g, 'npx agents-llm ') : said;
}

/** The error with the commands of its hint as they are typed. */
export function withTypedHint(error: CliError, project: string, place: HintPlace): CliError {
  if (error.hint === null) return error;
  const { code, lines, details, cause } = error;
  return new CliError(code, lines, { hint: hintText(error.hint, project, place), details, cause });
}

/** Who types `npx agents-llm` may have no `agents-llm` on PATH. npm sets both variables for scripts too. */
function isStartedByNpx(env: HintPlace['env']): boolean {
  return env.npm_lifecycle_event === 'npx' && /^["']?agents-llm\b/.test(env.npm_lifecycle_script ?? '');
}
