type Words = Readonly<Record<string, string>>;

/** What people type out of habit from other tools, and the matching command. */
const COMMANDS: Words = {
  start: 'up',
  serve: 'up',
  create: 'up',
  stop: 'down',
  halt: 'down',
  destroy: 'down --volumes',
  delete: 'down --volumes',
  rm: 'down --volumes',
  ps: 'status',
  health: 'status',
  info: 'status',
  ls: 'status',
  update: 'upgrade',
  pull: 'upgrade',
  models: 'alias list',
  model: 'alias list',
  aliases: 'alias list',
  providers: 'provider list',
  keys: 'key list',
  login: 'ui',
  dashboard: 'ui',
  open: 'ui',
  config: 'apply',
  configure: 'setup',
  exec: 'run',
  check: 'doctor',
  diagnose: 'doctor',
  dump: 'backup',
  version: '--version',
};

const ADDED: Words = { create: 'add', new: 'add', set: 'add', update: 'add' };
const LISTED: Words = { ls: 'list', show: 'list', get: 'list' };
const REMOVED: Words = { rm: 'remove', delete: 'remove', del: 'remove' };

const SUBCOMMANDS: Readonly<Record<string, Words>> = {
  alias: { ...ADDED, ...LISTED, ...REMOVED },
  provider: { ...ADDED, ...LISTED, ...REMOVED, check: 'test' },
  key: { ...LISTED, rm: 'revoke', delete: 'revoke', del: 'revoke', remove: 'revoke' },
};

const PROVISION_KEY: ReadonlySet<string> = new Set(['create', 'add', 'new', 'generate', 'provision']);

/** The command that was probably meant by an unknown word; `command` is the group it was typed in. */
export function meantBy(command: string, word: string): string | undefined {
  if (command === 'agents-llm') return own(COMMANDS, word);
  if (command === 'key' && PROVISION_KEY.has(word)) return 'provision-key';
  const meant = own(own(SUBCOMMANDS, command) ?? {}, word);
  return meant === undefined ? undefined : `${command} ${meant}`;
}

/** Every command that a word may mean, for the test that each of them exists. */
export function meanings(): readonly string[] {
  const subcommands = Object.entries(SUBCOMMANDS).flatMap(([group, words]) =>
    Object.values(words).map((word) => `${group} ${word}`),
  );
  return [...new Set([...Object.values(COMMANDS), ...subcommands, 'provision-key'])];
}

function own<Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
