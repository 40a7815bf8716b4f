import type { Operation } from '../../context/invocation.ts';
import { keepOutOfLogs } from '../../context/keep-out-of-logs.ts';
import { CliError } from '../../model/errors.ts';
import type { Admin } from '../admin/admin.ts';
import { probeCredential } from '../admin/test-credential.ts';
import { writeEnvFile } from '../keys/env-file.ts';
import { changing } from '../open-admin.ts';
import type { ConfigFile, FileConsent } from '../trust/file-consent.ts';
import { carryOut } from './carry-out.ts';
import type { Plan, Step, Wanted, WholePlan } from './plan.ts';
import { planChanges } from './plan-changes.ts';
import { type PlannedStep, stepLine } from './plan-view.ts';
import { readCurrentState, variablesOf } from './read-current-state.ts';
import { requireInside } from './require-inside.ts';
import { shownPlan } from './shown-plan.ts';
import { wantedOf } from './wanted-config.ts';

export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly force: boolean;
  /** Test each new provider key with one request before anything is changed. */
  readonly check: boolean;
  readonly consent: FileConsent;
}

export interface Applied {
  readonly file: string;
  /** `none` for a dry run. */
  readonly change: 'applied' | 'unchanged' | 'none';
  readonly plan: readonly PlannedStep[];
  /** What needs separate approval. */
  readonly risks: readonly string[];
  readonly warnings: readonly string[];
}

/** Plans, asks for consent if needed, carries out the steps, and verifies that LiteLLM is as planned. */
export async function applyConfig(
  { config, place }: ConfigFile,
  admin: Admin,
  options: ApplyOptions,
  invocation: Operation,
): Promise<Applied> {
  const { progress } = invocation;
  const { consent } = options;
  const wanted = await wantedOf(config, place.folder, admin.client, invocation);
  const plan = async () => {
    progress.phase('Comparing LiteLLM with the file');
    return planChanges(wanted, await readCurrentState(wanted, admin, options.force, invocation), options);
  };
  const done = (change: Applied['change'], planned: WholePlan, warnings: readonly string[]) =>
    appliedOf(place.shown, change, planned, warnings);
  if (options.dryRun) {
    const planned = await plan();
    return done('none', planned, planned.warnings);
  }
  const attempt = () =>
    changing(invocation, admin.client, 'apply', async () => {
      const planned = await plan();
      if (planned.steps.length === 0) return { applied: done('unchanged', planned, planned.warnings) };
      if (!consent.covers(planned.risks)) return { planned };
      await consent.settle(shownPlan(config, planned));
      if (options.check) await checkKeys(planned, wanted, admin, invocation);
      const warnings = await change(planned, admin, invocation);
      requireDone(await plan());
      return { applied: done('applied', planned, [...planned.warnings, ...warnings]) };
    });
  for (;;) {
    const { applied, planned } = await attempt();
    if (applied) return applied;
    // Asks without holding the lock, because others wait for it. If the plan has changed since, it asks again.
    await consent.settle(shownPlan(config, planned));
  }
}

function appliedOf(
  file: string,
  change: Applied['change'],
  { steps, risks }: WholePlan,
  warnings: readonly string[],
): Applied {
  return { file, change, plan: steps.map(({ work: _, ...step }) => step), risks, warnings };
}

/** Tests each key with the first alias that uses it; a provider without an alias cannot be tested. */
async function checkKeys(
  { steps }: Plan,
  { aliases }: Wanted,
  { client }: Admin,
  { progress }: Pick<Operation, 'progress'>,
): Promise<void> {
  for (const { work } of steps) {
    if (work.kind !== 'put-provider') continue;
    const targets = aliases.flatMap((alias) => [alias, ...(alias.others ?? [])]);
    const user = targets.find(
      ({ credential, params }) => credential === work.credential.name && params.mock_response === undefined,
    );
    if (!user) continue;
    progress.phase(`Testing the key for ${work.credential.name}`);
    await probeCredential(client, work.credential, user.target, 'agents-llm apply --no-check');
  }
}

async function change(
  plan: Plan,
  admin: Admin,
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
): Promise<readonly string[]> {
  const { context, progress } = invocation;
  const begun: Step[] = [];
  try {
    return await carryOut(admin, plan, {
      signal: context.signal,
      onStep: (step) => {
        begun.push(step);
        progress.phase(stepLine(step));
      },
      onKey: (key) => keepOutOfLogs(key, invocation),
      writeEnv: async (env, key) => {
        await requireInside(env.folder, env.path, env.shown);
        await writeEnvFile(env.path, variablesOf(env, key, admin));
      },
    });
  } catch (error) {
    if (!(error instanceof CliError) || begun.length < 2) throw error;
    const { code, lines, hint, details, cause } = error;
    const done = `${begun.length - 1} of ${plan.steps.length} steps were completed`;
    throw new CliError(code, [...lines.slice(0, -1), `${lines.at(-1)} (${done})`], {
      hint: `${hint === null ? '' : `${hint}\n`}Completed steps stay. Continue from there: agents-llm apply`,
      details: { ...details, done: begun.slice(0, -1).map(stepLine) },
      cause,
    });
  }
}

function requireDone({ steps }: Plan): void {
  const [first] = steps;
  if (!first) return;
  throw new CliError('request_rejected', `LiteLLM accepted the changes but does not report them: ${stepLine(first)}`, {
    hint: 'Check whether someone else is changing it at the same time: agents-llm apply --dry-run',
    details: { left: steps.map(stepLine) },
  });
}
