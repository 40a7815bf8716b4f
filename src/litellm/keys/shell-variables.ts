import { CliError } from '../../model/errors.ts';
import { oneLine } from '../../text/shown-text.ts';

export const SHELLS = ['sh', 'fish', 'powershell', 'cmd'] as const;
export type Shell = (typeof SHELLS)[number];

type Variables = Readonly<Record<string, string>>;

/** Lines that set variables in a shell, quoted as it needs. */
export function shellVariables(variables: Variables, shell: Shell): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (UNSAFE[shell].test(value)) throw unwritable(name, shell);
      return `${WRITERS[shell](name, value)}\n`;
    })
    .join('');
}

/** Lines that unset variables in a shell. */
export function shellUnset(names: readonly string[], shell: Shell): string {
  return names.map((name) => `${UNSETTERS[shell](name)}\n`).join('');
}

export function shellComment(text: string, shell: Shell): string {
  return `${shell === 'cmd' ? 'rem' : '#'} ${oneLine(text)}\n`;
}

/** `NAME=value` lines for a dotenv file or `docker run --env-file`. */
export function dotenvVariables(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (CONTROL.test(value)) throw unwritable(name, 'dotenv');
      return `${name}=${value}\n`;
    })
    .join('');
}

const CONTROL = /\p{Cc}/u;

/** Characters that cannot be quoted: cmd cannot quote a quote, and the Windows shells read line by line. */
const UNSAFE: Readonly<Record<Shell, RegExp>> = { sh: /\0/, fish: /\0/, powershell: CONTROL, cmd: /["\p{Cc}]/u };

function unwritable(name: string, form: Shell | 'dotenv'): CliError {
  return new CliError(
    'usage',
    `The value of ${name} cannot be written for ${form}: it would be read as more than a value`,
    {
      hint: 'Run the command directly: agents-llm run -- COMMAND\nOr read the value from JSON: agents-llm env --json',
      details: { variable: name, form },
    },
  );
}

const WRITERS: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
  // PowerShell also treats curly quotes as quotes.
  powershell: (name, value) => `$env:${name} = '${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
  cmd: (name, value) => `set "${name}=${value.replaceAll('%', '%%')}"`,
};

const UNSETTERS: Readonly<Record<Shell, (name: string) => string>> = {
  sh: (name) => `unset ${name}`,
  fish: (name) => `set -e ${name}`,
  powershell: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
  cmd: (name) => `set "${name}="`,
};
