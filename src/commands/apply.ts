import { type Command, Option } from 'commander';
import { CONFIG_FILE } from '../admin/config.ts';
import { formatDuration } from '../duration.ts';
import type { Paint } from '../io/paint.ts';
import type { Outcome } from '../report.ts';
import { applyConfig } from './apply-config.ts';
import { settingWarnings } from './config-settings.ts';
import { findConfig, placeOf, requireConfig } from './find-config.ts';
import { helpFooter } from './help-footer.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { loadConfig } from './load-config.ts';
import { type AdminFlags, addBaseUrl, openAdmin } from './open-admin.ts';
import { countSteps, type PlannedStep, stepLines } from './plan-view.ts';
import { type Written, writeConfig } from './write-config.ts';

export interface ApplyFlags extends AdminFlags {
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly check: boolean;
  readonly fromProxy?: boolean;
}

export interface ApplyData {
  readonly file: string;
  /** `none` for a dry run, `written` for --from-proxy. */
  readonly change: 'applied' | 'unchanged' | 'none' | 'written';
  /** What was done or, for a dry run, what would be. */
  readonly plan: readonly PlannedStep[];
  /** How much the file has that was written. */
  readonly written: Pick<Written, 'providers' | 'aliases' | 'keys'> | null;
  readonly elapsedMs: number;
}

export function registerApply(command: Command, invoke: Invoke, run = runApply): void {
  addBaseUrl(command)
    .option('--file <path>', `the file (default: ${CONFIG_FILE}, looked for up to the root of the git repository)`)
    .option('--dry-run', 'show the plan, and change nothing')
    .option('--prune', 'remove what was made from the file and is no longer in it')
    .option('--no-check', 'do not make the one real call that proves a new provider key')
    .addOption(
      new Option('--from-proxy', 'write the file from what LiteLLM has, without secrets').conflicts([
        'dryRun',
        'prune',
      ]),
    )
    .option('-f, --force', 'replace the file; make one row of several; write into a file that git tracks')
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<ApplyFlags>(), invocation), renderApply));
}

export async function runApply(flags: ApplyFlags, invocation: Invocation): Promise<Outcome<ApplyData>> {
  const { context } = invocation;
  const began = context.clock.now();
  const { dryRun = false, prune = false, force = false, check } = flags;
  if (flags.fromProxy) {
    const place = (await findConfig(context, flags.file)) ?? placeOf(context, CONFIG_FILE);
    const admin = await openAdmin(invocation, flags);
    const { file, warnings, ...written } = await writeConfig(place, admin, force, invocation);
    return { data: { file, change: 'written', plan: [], written, elapsedMs: context.clock.now() - began }, warnings };
  }
  const place = await requireConfig(context, flags.file);
  const config = await loadConfig(context, place);
  const admin = await openAdmin(invocation, flags);
  const settings = await settingWarnings(config, place, admin, invocation);
  const applied = await applyConfig(config, place, admin, { dryRun, prune, force, check }, invocation);
  const { file, change, plan, warnings } = applied;
  const data: ApplyData = { file, change, plan, written: null, elapsedMs: context.clock.now() - began };
  return { data, warnings: [...settings, ...warnings] };
}

const DONE = { create: 'created', update: 'updated', remove: 'removed' };
const TO_DO = { create: 'to create', update: 'to update', remove: 'to remove' };

export function renderApply({ file, change, plan, written, elapsedMs }: ApplyData, paint: Paint): string {
  if (written) {
    const { providers, aliases, keys } = written;
    return `${file}: written (providers: ${providers}, aliases: ${aliases}, keys: ${keys})\n`;
  }
  if (plan.length === 0) return `${file}: nothing to change\n`;
  const end =
    change === 'none' ? `${countSteps(plan, TO_DO)}` : `${countSteps(plan, DONE)} (${formatDuration(elapsedMs)})`;
  return [...stepLines(plan, paint), `${file}: ${end}`, ''].join('\n');
}

const FOOTER = helpFooter({
  examples: [
    'agents-llm apply --dry-run',
    'agents-llm apply --prune',
    'agents-llm apply --from-proxy --file agents-llm.yaml',
  ],
  json: '{file, change: "applied"|"unchanged"|"none"|"written", plan: [{action: "create"|"update"|"remove", kind: "provider"|"alias"|"key"|"env", name, changes}], written: {providers, aliases, keys}|null, elapsedMs}',
  exits: [3, 4, 7, 8, 9, 10],
});
