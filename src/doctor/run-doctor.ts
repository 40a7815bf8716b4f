import type { Operation } from '../context/invocation.ts';
import { ERRORS, type ErrorCode, EXIT, type ExitCode } from '../model/errors.ts';
import { hintText } from '../model/hint-text.ts';
import type { Outcome } from '../model/report.ts';
import { withLock } from '../project/with-lock.ts';
import { oneLine } from '../text/shown-text.ts';
import { runCheck } from './check.ts';
import { CHECKS } from './checks.ts';
import type { CheckResult, DoctorData, Repair } from './doctor-view.ts';
import { examineStack } from './examine-stack.ts';
import type { ExaminedStack } from './examined-stack.ts';
import type { Finding } from './finding.ts';

export interface DoctorFlags {
  readonly fix?: boolean;
  /** Also asks OSV and the hosts of providers. Without it nothing leaves this machine. */
  readonly online?: boolean;
}

/** Findings are the result, as with `status`; only the exit code shows a failure. */
export async function runDoctor(
  { fix = false, online = false }: DoctorFlags,
  invocation: Operation,
  examine: (invocation: Operation) => Promise<ExaminedStack> = examineStack,
): Promise<Outcome<DoctorData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  let stack = { ...(await examine(invocation)), online };
  let checks = await runChecks(stack);
  const repairs = fix ? await repair(stack, checks) : { fixed: [], warnings: [] };
  if (repairs.fixed.length > 0) {
    stack = { ...(await examine(invocation)), online };
    checks = await runChecks(stack);
  }
  const worst = worstOf(checks);
  return {
    data: {
      project: settings.project,
      runtime: stack.runtime.kind,
      checks,
      worst,
      databaseSize: (await stack.held().catch(() => undefined))?.size ?? null,
      fixed: repairs.fixed,
      elapsedMs: context.clock.now() - began,
    },
    exitCode: worst ? ERRORS[worst].exit : EXIT.done,
    warnings: repairs.warnings,
    ownLines: ['fix'],
  };
}

function runChecks(stack: ExaminedStack): Promise<CheckResult[]> {
  const { context, settings, redaction } = stack.invocation;
  const clean = (text: string) => redaction.apply(text);
  return Promise.all(
    CHECKS.map(async (check) => {
      const { status, seen, fix, code } = await runCheck(check, stack);
      const shownFix = fix === null ? null : clean(hintText(fix, settings.project, context));
      return { id: check.id, status, seen: oneLine(clean(seen)), fix: shownFix, code };
    }),
  );
}

const LOCK_WAIT_MS = 30_000;

/** Runs every repair on its own; one that fails becomes a warning. */
async function repair(stack: ExaminedStack, checks: readonly CheckResult[]) {
  const { invocation } = stack;
  const sick = new Set(checks.filter(isSick).map(({ id }) => id));
  const repairs = CHECKS.flatMap(({ id, repair: action }) => (action && sick.has(id) ? [{ id, action }] : []));
  const fixed: Repair[] = [];
  const warnings: string[] = [];
  if (repairs.length === 0) return { fixed, warnings };
  return withLock(invocation, 'doctor --fix', LOCK_WAIT_MS, async () => {
    for (const { id, action } of repairs) {
      try {
        fixed.push({ id, did: await action(stack) });
      } catch (error) {
        invocation.context.signal.throwIfAborted();
        warnings.push(`Could not fix ${id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { fixed, warnings };
  });
}

const isSick = ({ status }: Finding) => status === 'warn' || status === 'fail';

/** Worst first: the data, then what prevents the stack from running, then what it serves. */
const SEVERITY: readonly ExitCode[] = [
  EXIT.data,
  EXIT.prerequisite,
  EXIT.port,
  EXIT.notReady,
  EXIT.refused,
  EXIT.rejected,
  EXIT.notRunning,
  EXIT.confirm,
  EXIT.usage,
  EXIT.failed,
];

export function worstOf(checks: readonly Pick<Finding, 'code'>[]): ErrorCode | null {
  const codes = checks.flatMap(({ code }) => code ?? []);
  const rank = (code: ErrorCode) => SEVERITY.indexOf(ERRORS[code].exit);
  return codes.sort((a, b) => rank(a) - rank(b))[0] ?? null;
}
