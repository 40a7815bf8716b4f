import type { Operation, Task } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { secretsOfEnvironment } from '../../model/gateway-environment.ts';
import { readEnvironment } from '../../project/environment.ts';
import { allSecrets, readSecrets, type StackSecrets } from '../../project/secrets.ts';
import { readState, type StackState } from '../../project/state.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { knownRuntime } from './choose-runtime.ts';
import { onDatabaseOf } from './external-database.ts';

/** What the project's files say of its stack: both undefined before the first `up`. */
export interface WrittenStack {
  readonly state: StackState | undefined;
  readonly secrets: StackSecrets | undefined;
}

/** A project's stack: what its files say, and the runtime that it uses. */
export interface Stack extends WrittenStack {
  readonly runtime: Runtime;
}

/** Finds the runtime of a stack by its state. */
export type RuntimeFor = (invocation: Task, state: StackState | undefined) => Runtime | Promise<Runtime>;

/** Reads the stack's files and changes nothing. From here on its secrets are redacted in all output. */
export async function openStack(invocation: Operation, runtimeFor: RuntimeFor = knownRuntime): Promise<Stack> {
  const { state, secrets } = await readStack(invocation);
  return { runtime: onDatabaseOf(await runtimeFor(invocation, state), state ?? {}, secrets), state, secrets };
}

/** As `openStack`, from files alone. */
export async function readStack({
  context,
  settings,
  redaction,
}: Pick<Operation, 'context' | 'settings' | 'redaction'>): Promise<WrittenStack> {
  const [state, secrets, environment] = await Promise.all([
    readState(context.files, settings.paths),
    readSecrets(context.files, settings.paths),
    readEnvironment(context.files, settings.paths),
  ]);
  if (secrets) redaction.add(allSecrets(secrets));
  redaction.add(secretsOfEnvironment(environment));
  return { state, secrets };
}

/** Refuses to change a stack that is on another engine than the one that answers now. */
export function requireSameEngine(state: StackState | undefined, current: StackState['engine']): void {
  if (!state || state.engine.endpoint === current.endpoint || state.engine.id === current.id) return;
  throw new CliError(
    'engine_changed',
    `This stack is on ${state.engine.endpoint}, but Docker now uses ${current.endpoint}`,
    {
      hint: `Use the stack where it is: DOCKER_HOST=${state.engine.endpoint} agents-llm up
Or create another stack here: agents-llm -p NAME up`,
      details: { remembered: state.engine.endpoint, current: current.endpoint },
    },
  );
}
