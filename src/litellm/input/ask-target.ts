import type { Context } from '../../context/context.ts';
import type { Operation } from '../../context/invocation.ts';
import { askChoice } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import type { AdminClient } from '../admin/client.ts';
import { requireCredential } from '../admin/credentials.ts';
import { type PricedModel, pricedModels } from '../admin/models.ts';
import { newestModel } from '../aliases/default-target.ts';

/** Whether a user can answer questions. */
export function canAsk({ streams }: Pick<Context, 'streams'>): boolean {
  return Boolean(streams.stdin.isTTY && streams.stderr.isTerminal);
}

/** Offers the provider's models in the gateway's price table; Enter alone chooses the default. */
export async function askTarget(client: AdminClient, provider: string, invocation: Operation): Promise<string> {
  const models = await pricedModels(client, provider);
  const usual = usualTarget(provider, models, client.clock.now());
  const question = `Which model (number or name${usual === undefined ? '' : `; Enter for ${usual}`})?`;
  const names = models.map(({ name }) => name);
  const answer = (await askChoice(question, names, invocation)) || usual;
  if (answer) return answer;
  throw new CliError('usage', 'No model was chosen', { hint: `Name one with --target ${provider}/MODEL` });
}

/** The target of an alias if none is named and the user cannot be asked. */
export async function defaultTarget(client: AdminClient, provider: string): Promise<string> {
  const found = usualTarget(provider, await pricedModels(client, provider), client.clock.now());
  if (found !== undefined) return found;
  throw new CliError('usage', `Missing target model for ${provider}`, { hint: `Add --target ${provider}/MODEL` });
}

/** The target in all examples of the documentation, used until its provider retires it. */
const EXAMPLE = 'openai/gpt-4o';

function usualTarget(provider: string, models: readonly PricedModel[], now: number): string | undefined {
  const example = models.find(({ name }) => name === EXAMPLE);
  const isRetired = example?.retired !== undefined && Date.parse(example.retired) <= now;
  if (provider === 'openai' && !isRetired) return EXAMPLE;
  return newestModel(provider, models, now);
}

/** LiteLLM's name for the provider of a credential; OpenAI if no credential is named. */
export async function providerOf(client: AdminClient, credential: string | undefined): Promise<string> {
  const row = credential === undefined ? undefined : await requireCredential(client, credential);
  const provider = row?.credential_info?.custom_llm_provider;
  return typeof provider === 'string' ? provider : 'openai';
}
