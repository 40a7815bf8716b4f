import { secretsMissing } from '../model/secrets-errors.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import type { StackSecrets } from '../project/secrets.ts';
import { requireKnownSecrets } from '../stack/open/known-secrets.ts';
import { requireSafeLogin } from '../stack/open/plan-spec.ts';
import { isWellKnown, loginWeakness } from '../stack/open/ui-login.ts';
import type { Check } from './check.ts';
import type { CheckId } from './check-id.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, findingOf, ok, skip, warn } from './finding.ts';

export const SECRET_CHECKS: readonly Check[] = [
  { id: 'secrets', run: checkSecrets },
  withSecrets('weak-secrets', judgeStrength),
  withSecrets('ui-login', async (secrets, { spec }) => judgeLogin(secrets, await spec())),
  withSecrets('secrets-drift', async (secrets, { invocation, state }) => {
    const known = (await state())?.fingerprints;
    if (!known) return skip('Nothing to compare with yet');
    requireKnownSecrets(invocation, secrets, known);
    return ok('The secrets match the data');
  }),
];

function withSecrets(
  id: CheckId,
  run: (secrets: StackSecrets, stack: ExaminedStack) => Finding | Promise<Finding>,
): Check {
  return {
    id,
    run: async (stack) => {
      const secrets = await stack.secrets();
      return secrets ? run(secrets, stack) : skip('No secrets yet');
    },
  };
}

async function checkSecrets({ invocation, secrets, place }: ExaminedStack): Promise<Finding> {
  const file = invocation.settings.paths.secrets;
  if (await secrets()) return ok(file);
  const { volume } = await place();
  if (volume === null) return skip('No secrets yet');
  return findingOf(secretsMissing(file, volume));
}

function isWeak(value: string): boolean {
  const bare = value.replace(/^sk-/, '');
  return isWellKnown(value) || bare.length < 16 || new Set(bare).size < 6;
}

const FIXES = [
  ['masterKey', 'LITELLM_MASTER_KEY', 'Replace it: agents-llm rotate-master-key'],
  ['databasePassword', 'POSTGRES_PASSWORD', 'Replace it: agents-llm rotate-db-password'],
  // It cannot change while there is data, because nothing else decrypts the stored keys.
  ['saltKey', 'LITELLM_SALT_KEY', 'Start over without the data: agents-llm down --volumes, then agents-llm up'],
] as const;

export function judgeStrength(secrets: StackSecrets): Finding {
  const weak = FIXES.filter(([name]) => isWeak(secrets[name].reveal()));
  if (weak.length === 0) return ok('No weak or well-known secrets');
  const names = weak.map(([, variable]) => variable).join(', ');
  return warn(`Easy to guess: ${names}`, weak.map(([, , fix]) => fix).join('\n'));
}

/** Throws as `up` does if the login must be changed. */
export function judgeLogin(secrets: StackSecrets, spec: StackSpec): Finding {
  requireSafeLogin(spec, secrets);
  const weakness = loginWeakness(secrets);
  if (weakness === undefined) return ok(`User ${secrets.uiUsername} has a strong password`);
  const seen = weakness === 'short' ? 'The UI password has fewer than 8 characters' : 'The UI password is well known';
  return warn(
    `${seen}: any user of this machine can log in and use the stored provider keys`,
    'Generate a password: agents-llm up --ui-password generate',
  );
}
