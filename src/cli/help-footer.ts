import { EXIT, EXIT_MEANING, type ExitCode } from '../model/errors.ts';

/** What every command may end with. */
const COMMON = [EXIT.done, EXIT.failed, EXIT.usage, EXIT.interrupted, EXIT.terminated] as const;

export interface HelpFooter {
  readonly examples: readonly string[];
  /** The fields of `data` in the JSON envelope. */
  readonly json: string;
  /** Beside those of every command. */
  readonly exits: readonly Exclude<ExitCode, (typeof COMMON)[number]>[];
}

/** The end of a command's help: what a script relies on. */
export function helpFooter({ examples, json, exits }: HelpFooter): string {
  const codes = [...COMMON, ...exits].sort((a, b) => a - b);
  return [
    '',
    'Examples:',
    ...examples.map((example) => `  $ ${example}`),
    '',
    `JSON (--json): data = ${json}`,
    '',
    'Exit codes:',
    ...codes.map((code) => `  ${String(code).padStart(3)}  ${EXIT_MEANING[code]}`),
  ].join('\n');
}
