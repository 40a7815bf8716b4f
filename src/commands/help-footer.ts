import { EXIT_MEANING, type ExitCode } from '../errors.ts';

export interface HelpFooter {
  readonly examples: readonly string[];
  /** The fields of `data` in the JSON envelope. */
  readonly json: string;
  /** Beside 0, 1, 2, 130 and 143, which every command may give. */
  readonly exits: readonly ExitCode[];
}

/** The end of a command's help: what a script relies on. */
export function helpFooter({ examples, json, exits }: HelpFooter): string {
  const codes = [0, ...exits] as const;
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
