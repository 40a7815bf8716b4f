/** What hints say for the shells of Linux and macOS, and how PowerShell is told the same. */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/\bkill (\d+)/g, 'taskkill /PID $1 /F'],
  [/\/another\/folder/g, 'C:\\another\\folder'],
  [/\beval "\$\(([^)]*)\)"/g, '$1 --shell powershell | Invoke-Expression'],
  // Windows knows one variable under both names.
  [/\bexport (\w+)=(\S+)(?: \w+=\2)?/g, "$env:$1 = '$2'"],
  [/(?<![\w"'{])([A-Z][A-Z_]+)=(\S+) (?=agents-llm )/g, "$env:$1 = '$2'; "],
  [/\bls -ld (?=\S)(?!shows)([^\n]+)/g, 'icacls "$1"'],
  [/\bls -ld shows\b/g, 'icacls shows'],
];

/** A text whose commands are meant for this platform. */
export function forPlatform(text: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return text;
  return REWRITES.reduce((done, [pattern, replacement]) => done.replace(pattern, replacement), text);
}
