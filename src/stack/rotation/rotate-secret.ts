import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { Secret } from '../../model/secret.ts';
import { PROXY, wasStopped } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import { alsoAccept, fingerprintsOf } from '../../project/fingerprints.ts';
import { type SecretVariable, type StackSecrets, secretProblem, setSecrets } from '../../project/secrets.ts';
import { writeState } from '../../project/state.ts';
import { withLock } from '../../project/with-lock.ts';
import { requireOwnDatabase } from '../open/external-database.ts';
import { requireKnownSecrets } from '../open/known-secrets.ts';
import { localClient, type MadeStack, requireMade } from '../open/made-stack.ts';
import type { RuntimeFor } from '../open/open-stack.ts';
import { startStack } from '../startup/start-stack.ts';
import { lookAtData } from '../verify/look-at-data.ts';
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

/**
 * Both values count until the end, so that a run that is killed leaves a stack that `up` starts with whichever it finds. The
 * salt key stays: with it everything that is stored remains readable.
 */
export async function runRotate(
  name: Rotated,
  flags: RotateFlags,
  invocation: Invocation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<RotateData>> {
  const { context, settings, redaction } = invocation;
  const { files, clock, randomBytes } = context;
  const { paths, project } = settings;
  const began = clock.now();
  return withLock(invocation, `rotate ${VARIABLE[name]}`, flags.timeout, async () => {
    const stack = await requireMade(invocation, runtimeFor);
    const { state, secrets, runtime, spec } = stack;
    if (name === 'databasePassword') {
      const hint = `change it where the database is, then: ${commandLine(project, 'up --database-url-from-env VAR')}`;
      requireOwnDatabase(spec, 'its password is not changed from here', hint);
    }
    const value = newValue(name, flags, stack, invocation);
    redaction.add([value]);
    const known = state.fingerprints ?? fingerprintsOf(secrets, randomBytes(16).toString('hex'));
    const both = alsoAccept(known, name, value);
    requireKnownSecrets(invocation, secrets, both);
    await writeState(files, paths, { ...state, fingerprints: both });
    const next = { ...secrets, [name]: value };
    if (name === 'databasePassword') await setDatabasePassword(invocation, runtime, spec, next);
    await setSecrets(files, paths, { [VARIABLE[name]]: value.reveal() });
    // One that fails may do so for want of the new value.
    const runs = (await runtime.services()).some((found) => found.service === PROXY && !wasStopped(found));
    if (runs) await restartAndLook(invocation, stack, next, clock.now() + flags.timeout);
    await settleFingerprints(invocation, next);
    const data = { project, secret: VARIABLE[name], secretsFile: paths.secrets, restarted: runs };
    return { data: { ...data, elapsedMs: clock.now() - began } };
  });
}

function newValue(name: Rotated, flags: RotateFlags, { secrets }: MadeStack, { context }: Invocation): Secret {
  if (flags.asWritten) return secrets[name];
  if (flags.fromEnv === undefined) {
    const random = context.randomBytes(24).toString('hex');
    return new Secret(name === 'masterKey' ? `sk-${random}` : random);
  }
  const given = context.env[flags.fromEnv];
  // Before anything is changed: the database would take what `.env` cannot hold.
  const problem = given ? secretProblem(VARIABLE[name], given) : 'is not set';
  if (given && problem === undefined) return new Secret(given);
  throw new CliError('usage', `the variable ${flags.fromEnv} ${problem}`, {
    hint: 'set it to another value, or have one generated',
  });
}

async function restartAndLook(
  invocation: Invocation,
  { runtime, spec, peer }: MadeStack,
  secrets: StackSecrets,
  deadline: number,
): Promise<void> {
  await startStack(invocation, runtime, { spec, secrets, recreate: [PROXY], deadline });
  const { unreadable } = await lookAtData(invocation, runtime, localClient(invocation, spec, secrets, peer));
  const [first] = unreadable;
  if (!first) return;
  throw new CliError('data_lost', `${first.kind} ${first.name} cannot be read: ${first.why}`, {
    hint: 'put the data back from a backup: agents-llm restore latest',
    details: { losses: unreadable },
  });
}
