import type { Command } from 'commander';
import type { AdminFlags } from '../litellm/open-admin.ts';
import { addBaseUrl, parseDollars } from './flag-values.ts';

export interface AgentFlags extends AdminFlags {
  readonly model: string;
  readonly keyAlias?: string;
  /** US dollars. */
  readonly maxBudget?: number;
}

/** Options of every command that makes a coding agent use the gateway. */
export function addAgentOptions(command: Command): Command {
  return addBaseUrl(command)
    .option('--model <alias>', 'the alias that the agent uses', 'gpt-5')
    .option('--key-alias <name>', 'name of the virtual key (default agent-NAME)')
    .option('--max-budget <dollars>', 'what the virtual key may spend', parseDollars);
}
