import { KEY_VARIABLES } from '../litellm/admin/known-providers.ts';
import { cleanMessage } from '../litellm/admin/litellm-message.ts';
import { FILE_MARK } from '../litellm/admin/owner-mark.ts';
import type { CredentialRow, ModelRow } from '../litellm/admin/schemas.ts';
import { listed, shellWord } from '../text/shown-text.ts';
import type { Check } from './check.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

const NOT_READY = skip('Not checked until the gateway is ready');

export const ALIAS_CHECKS: readonly Check[] = [
  {
    id: 'alias-credentials',
    run: async (stack) => {
      const [models, credentials] = [await stack.models(), await stack.credentials()];
      return models && credentials ? judgeCredentials(models, credentials) : NOT_READY;
    },
  },
  {
    id: 'alias-rows',
    run: async (stack) => {
      const models = await stack.models();
      return models ? judgeRows(models) : NOT_READY;
    },
  },
  {
    id: 'mock-aliases',
    run: async (stack) => {
      const models = await stack.models();
      return models ? judgeMocks(models, Boolean(stack.invocation.context.env.CI)) : NOT_READY;
    },
  },
];

/** LiteLLM lets users delete a provider that aliases use, and only fails at the next request. */
export function judgeCredentials(models: readonly ModelRow[], credentials: readonly CredentialRow[]): Finding {
  const known = new Set(credentials.map(({ credential_name }) => credential_name));
  const orphans = models.flatMap(({ model_name, litellm_params: { litellm_credential_name: provider } }) =>
    typeof provider === 'string' && !known.has(provider) ? [{ alias: model_name, provider }] : [],
  );
  const [first] = orphans;
  if (!first) return ok(models.length === 0 ? 'No aliases yet' : 'Every alias has its provider');
  const seen = orphans
    .map(({ alias, provider }) => cleanMessage(`${alias} uses provider ${provider}, which does not exist`))
    .join('; ');
  return fail('provider_unknown', seen, addCommand(first.provider));
}

/** Only well-known providers are recognised by their name. */
function addCommand(name: string): string {
  const variable = Object.hasOwn(KEY_VARIABLES, name) ? KEY_VARIABLES[name] : undefined;
  const kind = variable === undefined ? 'PROVIDER' : name;
  return `Add it: agents-llm provider add ${shellWord(name)} --provider ${kind} --from-env ${variable ?? 'VARIABLE'}`;
}

export function judgeRows(models: readonly ModelRow[]): Finding {
  const counts = new Map<string, number>();
  // Several targets that a file names are intended.
  const byHand = models.filter(({ model_info: info }) => info[FILE_MARK] === undefined && info.db_model !== false);
  const names = new Set(byHand.map(({ model_name }) => model_name));
  for (const { model_name } of models.filter((row) => names.has(row.model_name)))
    counts.set(model_name, (counts.get(model_name) ?? 0) + 1);
  const several = [...counts].filter(([, count]) => count > 1);
  if (several.length === 0) return ok('Every alias has one target, or several from a file');
  const seen = several.map(([name, count]) => `${cleanMessage(name)} has ${count} targets`).join(', ');
  return warn(
    `${seen}, so LiteLLM balances the load between them`,
    'To use one target: agents-llm alias add NAME --target MODEL --force',
  );
}

/** A mock answers like a model, so it is easily overlooked. */
export function judgeMocks(models: readonly ModelRow[], isCi: boolean): Finding {
  const mocks = models.filter(({ litellm_params: params }) => typeof params.mock_response === 'string');
  const [first] = mocks;
  if (!first) return ok('No alias answers with a mock');
  const names = listed(mocks.map(({ model_name }) => cleanMessage(model_name)));
  const seen = `${names} ${mocks.length === 1 ? 'answers' : 'answer'} with a mock instead of a model`;
  if (isCi) return ok(seen);
  return warn(
    seen,
    `Use a model: agents-llm alias add ${shellWord(cleanMessage(first.model_name))} --target MODEL --provider PROVIDER`,
  );
}
