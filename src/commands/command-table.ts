import type { Register } from '../cli/invoke.ts';

export type CommandGroup =
  | 'Start and stop'
  | 'Models and keys'
  | 'Use it'
  | 'Data and safety'
  | 'Teams and CI'
  | 'Troubleshooting';

export interface CommandEntry {
  readonly name: string;
  /** Its heading in `--help`. */
  readonly group: CommandGroup;
  readonly summary: string;
  readonly load: () => Promise<Register>;
}

/** In the order of `--help`, which needs no more than this; the rest of a command is loaded when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    group: 'Start and stop',
    summary: 'Start the gateway and wait until it is ready',
    load: async () => (await import('./up.ts')).registerUp,
  },
  {
    name: 'down',
    group: 'Start and stop',
    summary: 'Stop the stack; --volumes deletes its data too',
    load: async () => (await import('./down.ts')).registerDown,
  },
  {
    name: 'restart',
    group: 'Start and stop',
    summary: 'Recreate the containers and wait until they are ready',
    load: async () => (await import('./restart.ts')).registerRestart,
  },
  {
    name: 'status',
    group: 'Start and stop',
    summary: 'Show services, health, address and versions',
    load: async () => (await import('./status.ts')).registerStatus,
  },
  {
    name: 'upgrade',
    group: 'Start and stop',
    summary: 'Back up, then run a newer LiteLLM',
    load: async () => (await import('./upgrade.ts')).registerUpgrade,
  },
  {
    name: 'setup',
    group: 'Models and keys',
    summary: 'Add a provider key, an alias and a virtual key in one go',
    load: async () => (await import('./setup.ts')).registerSetup,
  },
  {
    name: 'provider',
    group: 'Models and keys',
    summary: 'Add, list, test and remove provider keys',
    load: async () => (await import('./provider.ts')).registerProvider,
  },
  {
    name: 'alias',
    group: 'Models and keys',
    summary: 'Add, list and remove model aliases',
    load: async () => (await import('./alias.ts')).registerAlias,
  },
  {
    name: 'provision-key',
    group: 'Models and keys',
    summary: 'Print a virtual key for your application',
    load: async () => (await import('./provision-key.ts')).registerProvisionKey,
  },
  {
    name: 'key',
    group: 'Models and keys',
    summary: 'List and revoke virtual keys',
    load: async () => (await import('./key.ts')).registerKey,
  },
  {
    name: 'spend',
    group: 'Models and keys',
    summary: 'Show what the gateway has cost, by model, virtual key or day',
    load: async () => (await import('./spend.ts')).registerSpend,
  },
  {
    name: 'env',
    group: 'Use it',
    summary: 'Print variables for your shell: eval "$(agents-llm env)"',
    load: async () => (await import('./use/env.ts')).registerEnv,
  },
  {
    name: 'run',
    group: 'Use it',
    summary: 'Run a command with OPENAI_API_KEY and OPENAI_BASE_URL set',
    load: async () => (await import('./use/run.ts')).registerRun,
  },
  {
    name: 'chat',
    group: 'Use it',
    summary: 'Ask a model one question through the gateway',
    load: async () => (await import('./use/chat.ts')).registerChat,
  },
  {
    name: 'launch',
    group: 'Use it',
    summary: 'Start a coding agent on the gateway with a virtual key of its own',
    load: async () => (await import('./use/launch.ts')).registerLaunch,
  },
  {
    name: 'connect',
    group: 'Use it',
    summary: "Write a coding agent's own settings so that it uses the gateway",
    load: async () => (await import('./use/connect.ts')).registerConnect,
  },
  {
    name: 'disconnect',
    group: 'Use it',
    summary: "Take back what connect wrote into an agent's settings",
    load: async () => (await import('./use/connect.ts')).registerDisconnect,
  },
  {
    name: 'ui',
    group: 'Use it',
    summary: "Print or open the address and login of LiteLLM's UI",
    load: async () => (await import('./ui.ts')).registerUi,
  },
  {
    name: 'completion',
    group: 'Use it',
    summary: 'Complete command lines in bash, zsh, fish and PowerShell',
    load: async () => (await import('./completion.ts')).registerCompletion,
  },
  {
    name: 'backup',
    group: 'Data and safety',
    summary: 'Write the data to an archive, or list the archives',
    load: async () => (await import('./backup.ts')).registerBackup,
  },
  {
    name: 'restore',
    group: 'Data and safety',
    summary: 'Restore the data of a backup',
    load: async () => (await import('./restore.ts')).registerRestore,
  },
  {
    name: 'verify-persistence',
    group: 'Data and safety',
    summary: 'Check that data survives recreating the containers',
    load: async () => (await import('./verify-persistence.ts')).registerVerifyPersistence,
  },
  {
    name: 'rotate-master-key',
    group: 'Data and safety',
    summary: 'Replace the master key; the data stays readable',
    load: async () => (await import('./rotate.ts')).registerRotateMasterKey,
  },
  {
    name: 'rotate-db-password',
    group: 'Data and safety',
    summary: 'Replace the database password',
    load: async () => (await import('./rotate.ts')).registerRotateDbPassword,
  },
  {
    name: 'init',
    group: 'Teams and CI',
    summary: 'Write an example of agents-llm.yaml',
    load: async () => (await import('./init.ts')).registerInit,
  },
  {
    name: 'apply',
    group: 'Teams and CI',
    summary: 'Make LiteLLM match agents-llm.yaml',
    load: async () => (await import('./apply.ts')).registerApply,
  },
  {
    name: 'export',
    group: 'Teams and CI',
    summary: 'Export the stack as a Compose file or Helm values',
    load: async () => (await import('./export.ts')).registerExport,
  },
  {
    name: 'doctor',
    group: 'Troubleshooting',
    summary: 'Check what the stack needs and suggest fixes',
    load: async () => (await import('./doctor.ts')).registerDoctor,
  },
  {
    name: 'logs',
    group: 'Troubleshooting',
    summary: 'Show service logs (secrets redacted)',
    load: async () => (await import('./logs.ts')).registerLogs,
  },
  {
    name: 'requests',
    group: 'Troubleshooting',
    summary: 'Show what went through the gateway, and why requests failed',
    load: async () => (await import('./requests.ts')).registerRequests,
  },
  {
    name: 'native',
    group: 'Troubleshooting',
    summary: 'Install or remove the native runtime',
    load: async () => (await import('./native.ts')).registerNative,
  },
];
