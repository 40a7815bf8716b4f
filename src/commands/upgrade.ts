import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatDuration } from '../duration.ts';
import type { Outcome } from '../report.ts';
import { PROXY, type StackSpec } from '../service.ts';
import { parseVersion, type Version, withVersion } from '../stack/litellm-version.ts';
import { readState, writeState } from '../stack/state.ts';
import { parseImage, timeoutOption } from './flag-values.ts';
import { helpFooter } from './help-footer.ts';
import { noteDigests } from './image-digests.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { requireKnownSecrets } from './known-secrets.ts';
import { makeBackup } from './make-backup.ts';
import type { RuntimeFor } from './open-stack.ts';
import { requireMade } from './require-ready.ts';
import { requireForward, requireTrustedContent, requireTrustedImage, rollingWarnings } from './trusted-image.ts';
import { upgradeOrSayBack } from './upgrade-data.ts';
import { settleUpgrade } from './upgrade-failure.ts';
import { withLock } from './with-lock.ts';

export interface UpgradeFlags {
  readonly to?: Version;
  readonly image?: string;
  readonly pull: 'missing' | 'always' | 'never';
  /** False for `--no-backup`. */
  readonly backup: boolean;
  readonly force?: boolean;
  readonly timeout: number;
}

export interface UpgradeData {
  readonly project: string;
  readonly change: 'upgraded' | 'unchanged';
  readonly from: string;
  readonly to: string;
  /** What LiteLLM says that it is by now; null when nothing was changed. */
  readonly version: string | null;
  readonly backup: string | null;
  readonly elapsedMs: number;
}

export function registerUpgrade(command: Command, invoke: Invoke, run = runUpgrade): void {
  command
    .option(
      '--to <version>',
      'which LiteLLM, such as v1.108.11 (default: the one that this agents-llm is made for)',
      parseTo,
    )
    .addOption(new Option('--image <reference>', 'another image').argParser(parseImage).conflicts('to'))
    .addOption(
      new Option('--pull <policy>', 'fetch the image').choices(['missing', 'always', 'never']).default('missing'),
    )
    .option('--no-backup', 'do not back up first')
    .option('-f, --force', 'also to an older version, whose tables may not fit')
    .addOption(timeoutOption())
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<UpgradeFlags>(), invocation), renderUpgrade));
}

export async function runUpgrade(
  flags: UpgradeFlags,
  invocation: Invocation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<UpgradeData>> {
  const { context, settings, progress } = invocation;
  const { clock, files } = context;
  const began = clock.now();
  return withLock(invocation, 'upgrade', flags.timeout, async () => {
    const stack = await requireMade(invocation, runtimeFor);
    const { runtime, state, secrets, spec } = stack;
    requireKnownSecrets(invocation, secrets, state.fingerprints);
    const image = flags.image ?? (flags.to ? withVersion(spec.image, flags.to) : runtime.defaults.image);
    const doubts = requireTrustedImage(image, { installed: true });
    const shared = { project: settings.project, from: spec.image, to: image };
    const running = (await runtime.services()).find(({ service }) => service === PROXY)?.image;
    if (image === spec.image && (running === undefined || running === image) && flags.pull !== 'always') {
      const data = {
        ...shared,
        change: 'unchanged',
        version: null,
        backup: null,
        elapsedMs: clock.now() - began,
      } as const;
      return { data };
    }
    if (!flags.force) requireForward(spec.image, image);
    const next: StackSpec = { ...spec, image };
    // Before anything is changed: an image that cannot be had changes nothing.
    await runtime.prepare(next, flags.pull, progress);
    await requireTrustedContent(runtime, next);
    const noted = await noteDigests(runtime, next, state);
    const backup = flags.backup ? await makeBackup(invocation, stack, { reason: 'upgrade' }) : null;
    const now = (await readState(files, settings.paths)) ?? state;
    // After one that did not end well, the way back is still that of the first.
    const way = now.upgrading ?? { from: spec.image, backup: backup?.file ?? null };
    const digests = { ...noted.digests, ...(await runtime.imageDigests(next)) };
    await writeState(files, settings.paths, { ...now, image, digests, upgrading: way });
    const deadline = clock.now() + flags.timeout;
    const version = await upgradeOrSayBack(invocation, { ...stack, spec: next }, { deadline, way });
    await settleUpgrade(invocation);
    const done = { version, backup: backup?.file ?? null, elapsedMs: clock.now() - began };
    return {
      data: { ...shared, change: 'upgraded', ...done },
      warnings: [...doubts, ...rollingWarnings(image, version, digests[image]), ...noted.warnings],
    };
  });
}

function parseTo(text: string): Version {
  const version = parseVersion(text);
  if (version) return version;
  throw new InvalidArgumentError('A version is like v1.108.11.');
}

export function renderUpgrade({ project, change, from, to, version, backup, elapsedMs }: UpgradeData): string {
  if (change === 'unchanged') return `${project} runs ${to} already\n`;
  const before = backup === null ? '' : `the data of before: ${backup}\n`;
  return `${project} runs LiteLLM ${version ?? to} instead of ${from}, with all of its data (${formatDuration(elapsedMs)})\n${before}`;
}

const FOOTER = helpFooter({
  examples: ['agents-llm upgrade', 'agents-llm upgrade --to v1.108.11'],
  json: '{project, change: "upgraded"|"unchanged", from, to, version, backup, elapsedMs}',
  exits: [3, 5, 6, 7, 9, 10],
});
