import type { Context } from '../../context/context.ts';
import type { Operation } from '../../context/invocation.ts';
import { askChoice } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import type { AdminClient } from '../admin/client.ts';
import { requireCredential } from '../admin/credentials.ts';
import { type PricedModel, pricedModels } from '../admin/models.ts';
import { newestModel } from '../aliases/default-target.ts';

/** Whether somebody is there to answer. */
export function canAsk({ streams }: Pick<Context, 'streams'>): boolean {
  return Boolean(streams.stdin.isTTY && streams.stderr.isTerminal);
}

/** Offers what the proxy's price table knows of the provider; Enter alone takes `usual`. */
export async function askTarget(client: AdminClient, provider: string, invocation: Operation): Promise<string> {
  const models = await pricedModels(client, provider);
  const usual = usualTarget(provider, models, client.clock.now());
  const question = `Which model (number or name${usual === undefined ? '' : `; Enter for ${usual}`})?`;
  const names = models.map(({ name }) => name);
  const answer = (await askChoice(question, names, invocation)) || usual;
  if (answer) return answer;
  throw new CliError('usage', 'No model was chosen', { hint: `Name one with --target ${provider}/MODEL` });
}

/** What an alias of the provider leads to when no target is named and nobody can be asked. */
export async function defaultTarget(client: AdminClient, provider: string): Promise<string> {
  const found = usualTarget(provider, await pricedModels(client, provider), client.clock.now());
  if (found !== undefined) return found;
  throw new CliError('usage', `Missing target model for ${provider}`, { hint: `Add --target ${provider}/MODEL` });
}

/** The model of the alias that all documents have, where its provider still serves it. */
const EXAMPLE = 'openai/gpt-4o';

function usualTarget(provider: string, models: readonly PricedModel[], now: number): string | undefined {
  const example = models.find(({ name }) => name === EXAMPLE);
  const isRetired = example?.retired !== undefined && Date.parse(example.retired) <= now;
  if (provider === 'openai' && !isRetired) return EXAMPLE;
  return newestModel(provider, models, now);
}

/** LiteLLM's name of the provider behind a credential; OpenAI when no credential is named. */
export async function providerOf(client: AdminClient, credential: string | undefined): Promise<string> {
  const row = credential === undefined ? undefined : await requireCredential(client, credential);
  const provider = row?.credential_info?.custom_llm_provider;
  return typeof provider === 'string' ? provider : 'openai';
}
