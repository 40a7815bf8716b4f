import type { Operation, Workplace } from '../../context/invocation.ts';
import type { Secret } from '../../model/secret.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { openUndone } from '../backup/undo-restore.ts';
import { type PlannedEnvironment, planEnvironment } from '../environment/plan-environment.ts';
import { databaseUrlOf, onDatabaseOf, requireDatabaseKind } from '../open/external-database.ts';
import type { RuntimeFor, Stack } from '../open/open-stack.ts';
import { planSpec } from '../open/plan-spec.ts';
import { completeLogin } from '../open/ui-login.ts';
import { type PlannedTls, planTls } from '../tls/plan-tls.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import type { UpFlags } from './up-options.ts';

/** The existing stack and the wanted one. */
export interface UpPlan {
  readonly stack: Stack;
  readonly spec: StackSpec;
  readonly tlsFiles: TlsFiles;
  /** On the database that the stack will use. */
  readonly runtime: Runtime;
  /** The URL of an external database; undefined if the stack has its own. */
  readonly databaseUrl: Secret | undefined;
  readonly environment: PlannedEnvironment;
}

/** Reads the project's files and decides what `up` will start. Undoes an interrupted restore first. */
export async function planUp(flags: UpFlags, invocation: Operation, runtimeFor: RuntimeFor): Promise<UpPlan> {
  const { context, settings } = invocation;
  await completeLogin(context.files, settings.paths, context.env, context.randomBytes);
  const stack = await openUndone(invocation, runtimeFor);
  const { spec, tlsFiles } = await planStack(flags, invocation, stack);
  const environment = await planEnvironment(flags, invocation);
  const databaseUrl = databaseUrlOf(flags, invocation, spec, stack.secrets?.databaseUrl);
  const runtime = onDatabaseOf(stack.runtime, spec, { ...(databaseUrl && { databaseUrl }) });
  return { stack, spec, tlsFiles, runtime, databaseUrl, environment };
}

/** The spec of the stack and the files of its reverse proxy, for a dry run too: it writes nothing. */
export async function planStack(flags: UpFlags, invocation: Workplace, { runtime, state }: Stack): Promise<PlannedTls> {
  const { context, settings } = invocation;
  requireDatabaseKind(flags, runtime, state);
  const plain = planSpec(settings.project, { flags, env: context.env }, state, runtime.defaults);
  return planTls(flags, invocation, runtime, plain);
}
