import type { Context } from '../../context/context.ts';
import type { Operation } from '../../context/invocation.ts';
import { askChoice } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import type { AdminClient } from '../admin/client.ts';
import { requireCredential } from '../admin/credentials.ts';
import { pricedModels } from '../admin/models.ts';

/** Whether somebody is there to answer. */
export function canAsk({ streams }: Pick<Context, 'streams'>): boolean {
  return Boolean(streams.stdin.isTTY && streams.stderr.isTerminal);
}

/** Offers what the proxy's price table knows of the provider; Enter alone takes `usual`. */
export async function askTarget(
  client: AdminClient,
  provider: string,
  invocation: Pick<Operation, 'context' | 'progress'>,
  usual?: string,
): Promise<string> {
  const models = await pricedModels(client, provider);
  const question = `Which model (number or name${usual === undefined ? '' : `; Enter for ${usual}`})?`;
  const answer = (await askChoice(question, models, invocation)) || usual;
  if (answer) return answer;
  throw new CliError('usage', 'No model was chosen', { hint: `Name one with --target ${provider}/MODEL` });
}

/** LiteLLM's name of the provider behind a credential; OpenAI when no credential is named. */
export async function providerOf(client: AdminClient, credential: string | undefined): Promise<string> {
  const row = credential === undefined ? undefined : await requireCredential(client, credential);
  const provider = row?.credential_info?.custom_llm_provider;
  return typeof provider === 'string' ? provider : 'openai';
}
