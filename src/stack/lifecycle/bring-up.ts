import type { Operation } from '../../context/invocation.ts';
import type { Outcome } from '../../model/report.ts';
import { unprotectedEngine } from '../../runtime/docker/engine/unprotected-engine.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { chooseRuntime } from '../open/choose-runtime.ts';
import type { RuntimeFor } from '../open/open-stack.ts';
import { requireUsableMemory } from '../open/plan-spec.ts';
import { findRunning } from './find-running.ts';
import { gatewayWarnings } from './litellm-wish.ts';
import { planUp } from './plan-up.ts';
import { prepareUp } from './prepare-up.ts';
import { refusePlan, refuseStart } from './refuse-up.ts';
import { startServices } from './start-services.ts';
import type { UpFlags } from './up-options.ts';
import { readyOutcome, type UpData } from './up-outcome.ts';

/**
 * What `up` does while it holds the project's lock: plan, refuse, prepare, start. Nothing is changed before it is clear that
 * nothing speaks against the start. `began` is in milliseconds since the epoch.
 */
export async function bringUp(
  flags: UpFlags,
  invocation: Operation,
  began: number,
  runtimeFor: RuntimeFor = (given, state) => chooseRuntime(flags, given, state),
): Promise<Outcome<UpData>> {
  const plan = await planUp(flags, invocation, runtimeFor);
  const looked = await refusePlan(invocation, plan);
  const ofLitellm = gatewayWarnings(flags, invocation.context.env, plan.runtime.kind, plan.environment);
  const ofEngine = await engineWarnings(plan.runtime, invocation.context);
  const ofMemory = requireUsableMemory(flags, plan.spec, plan.runtime.kind);
  const found = { ...looked, warnings: [...looked.warnings, ...ofLitellm, ...ofEngine, ...ofMemory] };
  const running = await findRunning(flags, invocation, plan, found);
  if (running) return readyOutcome(invocation, plan, { ...running, change: 'unchanged', began });

  const checked = await refuseStart(flags, invocation, plan, found);
  const prepared = await prepareUp(flags, invocation, plan, checked);
  const started = await startServices(invocation, plan, prepared);
  const warnings = [...found.warnings, ...started.warnings];
  return readyOutcome(invocation, plan, { ...started, warnings, change: 'started', began });
}

async function engineWarnings(runtime: Runtime, context: Operation['context']): Promise<readonly string[]> {
  if (runtime.kind !== 'docker') return [];
  const danger = await unprotectedEngine(context, await runtime.endpoint());
  return danger ? [`${danger.seen}. ${danger.fix}`] : [];
}
