/** Turns `help COMMAND` into `COMMAND --help`, and an empty command line into `--help`. */
export function helpWords(argv: readonly string[], commands: readonly { readonly name: string }[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === undefined) return ['--help'];
  if (first !== 'help') return argv;
  const [command] = rest;
  const isWrong = command !== undefined && /^[^-]/.test(command) && commands.every(({ name }) => name !== command);
  return isWrong ? rest : [...rest, '--help'];
}
