import type { Argument, Option } from 'commander';

/** What the values of an argument or option name, if commander has no choices for it. */
export type ValueKind =
  | 'agents'
  | 'aliases'
  | 'backups'
  | 'commands'
  | 'connectable-agents'
  | 'connected-agents'
  | 'files'
  | 'keys'
  | 'known-providers'
  | 'projects'
  | 'providers'
  | 'services'
  | 'variables';

/** By the path of the command. */
export const ARGUMENT_KINDS: Readonly<Record<string, ValueKind>> = {
  'alias add': 'aliases',
  'alias remove': 'aliases',
  chat: 'aliases',
  connect: 'connectable-agents',
  disconnect: 'connected-agents',
  'key revoke': 'keys',
  logs: 'services',
  'provider add': 'providers',
  'provider remove': 'providers',
  'provider test': 'providers',
  restart: 'services',
  restore: 'backups',
  run: 'commands',
};

/** By option; with the path of the command if the option means something else there. */
export const OPTION_KINDS: Readonly<Record<string, ValueKind>> = {
  '--project-name': 'projects',
  '--provider': 'known-providers',
  'alias add --provider': 'providers',
  'provision-key --alias': 'keys',
  'chat --alias': 'keys',
  'env --alias': 'keys',
  'run --alias': 'keys',
  'requests --key': 'keys',
  '--key-alias': 'keys',
  '--model': 'aliases',
  '--models': 'aliases',
  '--fallback': 'aliases',
  'up --env': 'variables',
};

/** By the placeholder of the value, in any command. */
const PLACEHOLDERS: Readonly<Record<string, ValueKind>> = {
  agent: 'agents',
  dir: 'files',
  file: 'files',
  folder: 'files',
  path: 'files',
  variable: 'variables',
};

export function kindOfArgument(path: string, argument: Argument): ValueKind | undefined {
  return ARGUMENT_KINDS[path] ?? PLACEHOLDERS[argument.name()];
}

export function kindOfOption(path: string, option: Option): ValueKind | undefined {
  const placeholder = /[<[]([\w-]+)/.exec(option.flags)?.[1] ?? '';
  return OPTION_KINDS[`${path} ${option.long}`] ?? OPTION_KINDS[option.long ?? ''] ?? PLACEHOLDERS[placeholder];
}

/** Whether the arguments of a command are another program's command line. */
export function isForeign(path: string): boolean {
  return ARGUMENT_KINDS[path] === 'commands';
}
