export const SHELLS = ['sh', 'fish', 'powershell', 'cmd'] as const;
export type Shell = (typeof SHELLS)[number];

type Variables = Readonly<Record<string, string>>;

/** Lines that set variables in a shell, quoted as it needs. */
export function shellVariables(variables: Variables, shell: Shell): string {
  return Object.entries(variables)
    .map(([name, value]) => `${WRITERS[shell](name, value)}\n`)
    .join('');
}

/** `NAME=value` lines for a dotenv file or `docker run --env-file`. */
export function dotenvVariables(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const WRITERS: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  cmd: (name, value) => `set "${name}=${value.replaceAll('%', '%%')}"`,
};
