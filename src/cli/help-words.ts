/** What is typed for help, as commander knows it: `help COMMAND` is `COMMAND --help`, and so is nothing at all. */
export function helpWords(argv: readonly string[], commands: readonly { readonly name: string }[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === undefined) return ['--help'];
  if (first !== 'help') return argv;
  const [command] = rest;
  const isWrong = command !== undefined && /^[^-]/.test(command) && commands.every(({ name }) => name !== command);
  return isWrong ? rest : [...rest, '--help'];
}
