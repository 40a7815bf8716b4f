import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { Secret } from '../../model/secret.ts';
import { PROXY, wasStopped } from '../../model/service.ts';
import { alsoAccept, fingerprintsOf } from '../../project/fingerprints.ts';
import { type SecretVariable, type StackSecrets, secretProblem, setSecrets } from '../../project/secrets.ts';
import { writeState } from '../../project/state.ts';
import { withLock } from '../../project/with-lock.ts';
import { describeLoss } from '../data/data-losses.ts';
import { requireOwnDatabase } from '../open/external-database.ts';
import { requireKnownSecrets } from '../open/known-secrets.ts';
import { localClient, type MadeStack, requireMade } from '../open/made-stack.ts';
import type { RuntimeFor } from '../open/open-stack.ts';
import { startStack } from '../startup/start-stack.ts';
import { compareData } from '../verify/compare-data.ts';
import { setDatabasePassword, settleFingerprints } from './rotating.ts';

export interface RotateFlags {
  readonly asWritten?: boolean;
  readonly fromEnv?: string;
  readonly timeout: number;
}

export interface RotateData {
  readonly project: string;
  readonly secret: SecretVariable;
  /** Where the new value is. */
  readonly secretsFile: string;
  /** False when the stack did not run: it starts with the new value. */
  readonly restarted: boolean;
  readonly elapsedMs: number;
}

type Rotated = 'masterKey' | 'databasePassword';

const VARIABLE = { masterKey: 'LITELLM_MASTER_KEY', databasePassword: 'POSTGRES_PASSWORD' } as const;

/** Replaces a secret. The salt key is none of them, because everything that is stored needs it. */
export async function runRotate(
  name: Rotated,
  flags: RotateFlags,
  invocation: Operation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<RotateData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  return withLock(invocation, `rotate ${VARIABLE[name]}`, flags.timeout, async () => {
    const stack = await requireMade(invocation, runtimeFor);
    if (name === 'databasePassword') requirePasswordOfOwn(stack);
    const value = newValue(name, flags, stack, invocation);
    invocation.redaction.add([value]);
    const restarted = await replaceSecret(invocation, stack, { name, value, timeout: flags.timeout });
    const data = { project: settings.project, secret: VARIABLE[name], secretsFile: settings.paths.secrets, restarted };
    return { data: { ...data, elapsedMs: context.clock.now() - began } };
  });
}

function requirePasswordOfOwn({ spec }: MadeStack): void {
  const hint = 'Change it in the database, then run: agents-llm up --database-url-from-env VAR';
  requireOwnDatabase(spec, 'Cannot change the password of an external database', hint);
}

interface Replacement {
  readonly name: Rotated;
  readonly value: Secret;
  readonly timeout: number;
}

/**
 * Both values count until the end, so that a run that is killed leaves a stack that `up` starts with whichever it finds. Returns
 * whether the gateway was restarted.
 */
async function replaceSecret(
  invocation: Operation,
  stack: MadeStack,
  { name, value, timeout }: Replacement,
): Promise<boolean> {
  const { context, settings } = invocation;
  const { files, clock, randomBytes } = context;
  const { state, secrets, runtime, spec } = stack;
  const known = state.fingerprints ?? fingerprintsOf(secrets, randomBytes(16).toString('hex'));
  const both = alsoAccept(known, name, value);
  requireKnownSecrets(invocation, secrets, both);
  await writeState(files, settings.paths, { ...state, fingerprints: both });
  const next = { ...secrets, [name]: value };
  if (name === 'databasePassword') await setDatabasePassword(invocation, runtime, spec, next);
  await setSecrets(files, settings.paths, { [VARIABLE[name]]: value.reveal() });
  // A gateway that fails is restarted too, because it may fail for want of the new value.
  const isUp = (await runtime.services()).some((found) => found.service === PROXY && !wasStopped(found));
  if (isUp) await restartAndVerify(invocation, stack, next, clock.now() + timeout);
  await settleFingerprints(invocation, next);
  return isUp;
}

function newValue(
  name: Rotated,
  flags: RotateFlags,
  { secrets }: MadeStack,
  { context }: Pick<Operation, 'context'>,
): Secret {
  if (flags.asWritten) return secrets[name];
  if (flags.fromEnv === undefined) {
    const random = context.randomBytes(24).toString('hex');
    return new Secret(name === 'masterKey' ? `sk-${random}` : random);
  }
  const given = context.env[flags.fromEnv];
  // Before anything is changed, because the database would accept what `.env` cannot contain.
  const problem = given ? secretProblem(VARIABLE[name], given) : 'is not set';
  if (given && problem === undefined) return new Secret(given);
  throw new CliError('usage', `Environment variable ${flags.fromEnv} ${problem}`, {
    hint: 'Set it to another value\nOr leave out --from-env to have a value generated',
  });
}

async function restartAndVerify(
  invocation: Operation,
  { runtime, spec, peer }: MadeStack,
  secrets: StackSecrets,
  deadline: number,
): Promise<void> {
  await startStack(invocation, runtime, { spec, secrets, recreate: [PROXY], deadline });
  const { unreadable } = await compareData(invocation, runtime, localClient(invocation, spec, secrets, peer));
  if (unreadable.length === 0) return;
  throw new CliError('data_lost', describeLoss(unreadable), {
    hint: 'Restore a backup: agents-llm restore latest',
    details: { losses: unreadable },
  });
}
