import type { Register } from '../cli/invoke.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Register>;
}

/** Names and summaries are all that `--help` needs; the rest of a command is loaded when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'start LiteLLM and PostgreSQL and wait until they are ready',
    load: async () => (await import('./up.ts')).registerUp,
  },
  {
    name: 'down',
    summary: 'stop the stack; data stays unless --volumes is given',
    load: async () => (await import('./down.ts')).registerDown,
  },
  {
    name: 'status',
    summary: 'show services, health, address and versions',
    load: async () => (await import('./status.ts')).registerStatus,
  },
  {
    name: 'logs',
    summary: 'show what the services wrote, secrets redacted',
    load: async () => (await import('./logs.ts')).registerLogs,
  },
  {
    name: 'restart',
    summary: 'make new containers and wait until they are ready',
    load: async () => (await import('./restart.ts')).registerRestart,
  },
  {
    name: 'upgrade',
    summary: 'run a newer LiteLLM, after a backup',
    load: async () => (await import('./upgrade.ts')).registerUpgrade,
  },
  {
    name: 'verify-persistence',
    summary: 'prove that the data survives new containers',
    load: async () => (await import('./verify-persistence.ts')).registerVerifyPersistence,
  },
  {
    name: 'backup',
    summary: 'write the data into an archive, and list those there are',
    load: async () => (await import('./backup.ts')).registerBackup,
  },
  {
    name: 'restore',
    summary: 'put the data of a backup back',
    load: async () => (await import('./restore.ts')).registerRestore,
  },
  {
    name: 'rotate-master-key',
    summary: 'give the proxy a new master key; the data stays readable',
    load: async () => (await import('./rotate.ts')).registerRotateMasterKey,
  },
  {
    name: 'rotate-db-password',
    summary: 'give the database a new password',
    load: async () => (await import('./rotate.ts')).registerRotateDbPassword,
  },
  {
    name: 'doctor',
    summary: 'check everything that a stack needs, and say what fixes it',
    load: async () => (await import('./doctor.ts')).registerDoctor,
  },
  {
    name: 'native',
    summary: 'install or remove what runs the stack without Docker',
    load: async () => (await import('./native.ts')).registerNative,
  },
  {
    name: 'ui',
    summary: "print or open the address of LiteLLM's UI and its login",
    load: async () => (await import('./ui.ts')).registerUi,
  },
  {
    name: 'setup',
    summary: 'provider, alias gpt-5, virtual key and a check in one go',
    load: async () => (await import('./setup.ts')).registerSetup,
  },
  {
    name: 'init',
    summary: 'write an example of agents-llm.yaml',
    load: async () => (await import('./init.ts')).registerInit,
  },
  {
    name: 'apply',
    summary: 'make LiteLLM match agents-llm.yaml',
    load: async () => (await import('./apply.ts')).registerApply,
  },
  {
    name: 'provider',
    summary: 'add, list, test and remove the keys of providers',
    load: async () => (await import('./provider.ts')).registerProvider,
  },
  {
    name: 'alias',
    summary: 'add, list and remove model aliases',
    load: async () => (await import('./alias.ts')).registerAlias,
  },
  {
    name: 'provision-key',
    summary: 'find or make a virtual key, and print it',
    load: async () => (await import('./provision-key.ts')).registerProvisionKey,
  },
  {
    name: 'key',
    summary: 'list and revoke virtual keys',
    load: async () => (await import('./key.ts')).registerKey,
  },
  {
    name: 'env',
    summary: 'print what to export: eval "$(agents-llm env)"',
    load: async () => (await import('./env.ts')).registerEnv,
  },
  {
    name: 'run',
    summary: 'run a command with OPENAI_API_KEY and OPENAI_BASE_URL set',
    load: async () => (await import('./run.ts')).registerRun,
  },
  {
    name: 'export',
    summary: 'hand the stack over to Compose alone or to a cluster',
    load: async () => (await import('./export.ts')).registerExport,
  },
  {
    name: 'completion',
    summary: 'complete command lines in bash, zsh and fish',
    load: async () => (await import('./completion.ts')).registerCompletion,
  },
];
