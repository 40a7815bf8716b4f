import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { allSecrets, readSecrets, type StackSecrets } from '../../project/secrets.ts';
import { readState, type StackState } from '../../project/state.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { knownRuntime } from './choose-runtime.ts';
import { onDatabaseOf } from './external-database.ts';

/** What is written about a project's stack: both undefined before the first `up`. */
export interface WrittenStack {
  readonly state: StackState | undefined;
  readonly secrets: StackSecrets | undefined;
}

/** A project's stack: what is written about it, and the runtime that it runs on. */
export interface Stack extends WrittenStack {
  readonly runtime: Runtime;
}

/** Which runtime a stack has, by what is written about it. */
export type RuntimeFor = (invocation: Invocation, state: StackState | undefined) => Runtime | Promise<Runtime>;

/** Reads what is there and changes nothing. From here on the stack's secrets are redacted in all that is written. */
export async function openStack(invocation: Invocation, runtimeFor: RuntimeFor = knownRuntime): Promise<Stack> {
  const { state, secrets } = await readStack(invocation);
  return { runtime: onDatabaseOf(await runtimeFor(invocation, state), state ?? {}, secrets), state, secrets };
}

/** As `openStack`, from files alone. */
export async function readStack({ context, settings, redaction }: Invocation): Promise<WrittenStack> {
  const [state, secrets] = await Promise.all([
    readState(context.files, settings.paths),
    readSecrets(context.files, settings.paths),
  ]);
  if (secrets) redaction.add(allSecrets(secrets));
  return { state, secrets };
}

/** Refuses to change a stack that lives on another engine than the one that answers now. */
export function requireSameEngine(
  state: StackState | undefined,
  now: { readonly endpoint: string; readonly id: string },
  project: string,
): void {
  if (!state || state.engine.endpoint === now.endpoint || state.engine.id === now.id) return;
  throw new CliError(
    'engine_changed',
    `this stack lives on ${state.engine.endpoint}, and Docker now means ${now.endpoint}`,
    {
      hint: `to use it where it is: DOCKER_HOST=${state.engine.endpoint} ${commandLine(project, 'up')}
to start another one here: agents-llm -p NAME up`,
      details: { remembered: state.engine.endpoint, current: now.endpoint },
    },
  );
}
