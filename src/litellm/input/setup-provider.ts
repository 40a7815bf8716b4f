import type { Operation } from '../../context/invocation.ts';
import { askChoice, type Terminal } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import { KEY_VARIABLES, providerOfEnvironment } from '../admin/known-providers.ts';
import { hasDefaultTarget } from '../aliases/default-target.ts';
import { canAsk } from './ask-target.ts';
import type { KeySourceFlags } from './read-provider-key.ts';

export interface SetupProviderFlags extends KeySourceFlags {
  readonly provider?: string;
  readonly target?: string;
}

export interface SetupProvider {
  readonly provider: string;
  readonly source: KeySourceFlags;
}

/** From the flag, or else from the variable that is set, or else by asking. */
export async function setupProvider(
  flags: SetupProviderFlags,
  invocation: Pick<Operation, 'context' | 'progress'>,
): Promise<SetupProvider> {
  const { context } = invocation;
  const found = providerOfEnvironment(context.env);
  const asks = canAsk(context);
  const provider = flags.provider ?? found?.provider ?? (asks ? await askProvider(invocation) : undefined);
  if (!provider) {
    throw new CliError('usage', 'Missing provider', {
      hint: 'Name it: agents-llm setup --provider openai --from-env OPENAI_API_KEY',
    });
  }
  if (flags.target === undefined && !asks && !hasDefaultTarget(provider)) {
    throw new CliError('usage', `Missing target model for ${provider}`, {
      hint: `Add --target ${provider}/MODEL`,
    });
  }
  const isGiven = flags.fromEnv !== undefined || flags.fromStdin || flags.fromFile !== undefined;
  return { provider, source: !isGiven && found?.provider === provider ? { fromEnv: found.variable } : flags };
}

function askProvider(terminal: Terminal): Promise<string> {
  return askChoice('Which provider (number or name)?', Object.keys(KEY_VARIABLES), terminal);
}
