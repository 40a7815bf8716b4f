import type { Operation } from '../../context/invocation.ts';
import { type Version, withVersion } from '../../litellm/releases/litellm-version.ts';
import { requireForward, requireTrustedImage, rollingWarnings } from '../../litellm/releases/trusted-image.ts';
import { isSameImage } from '../../model/image-name.ts';
import type { Outcome } from '../../model/report.ts';
import { PROXY } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { readState, writeState } from '../../project/state.ts';
import { withLock } from '../../project/with-lock.ts';
import { makeBackup } from '../backup/make-backup.ts';
import { noteDigests, requireTrustedContent } from '../open/images.ts';
import { requireKnownSecrets } from '../open/known-secrets.ts';
import { type MadeStack, requireMade } from '../open/made-stack.ts';
import type { RuntimeFor } from '../open/open-stack.ts';
import { upgradeOrExplain } from './upgrade-data.ts';
import { settleUpgrade } from './upgrade-failure.ts';

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
  /** The version that LiteLLM reports; null when nothing was changed. */
  readonly version: string | null;
  readonly backup: string | null;
  readonly elapsedMs: number;
}

export async function runUpgrade(
  flags: UpgradeFlags,
  invocation: Operation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<UpgradeData>> {
  const { clock } = invocation.context;
  const began = clock.now();
  return withLock(invocation, 'upgrade', flags.timeout, async () => {
    const stack = await requireMade(invocation, runtimeFor);
    const { runtime, state, secrets, spec } = stack;
    requireKnownSecrets(invocation, secrets, state.fingerprints);
    const image = flags.image ?? (flags.to ? withVersion(spec.image, flags.to) : runtime.defaults.image);
    const doubts = requireTrustedImage(image, { installed: true });
    const changed = (await isCurrent(flags, stack, image))
      ? undefined
      : await upgradeTo(image, flags, invocation, stack);
    return {
      data: {
        project: invocation.settings.project,
        change: changed ? 'upgraded' : 'unchanged',
        from: spec.image,
        to: image,
        version: changed?.version ?? null,
        backup: changed?.backup ?? null,
        elapsedMs: clock.now() - began,
      },
      ...(changed && { warnings: [...doubts, ...changed.warnings] }),
    };
  });
}

/** Whether the stack has the image and runs it, so that there is nothing to do. */
async function isCurrent({ pull }: UpgradeFlags, { runtime, spec }: MadeStack, image: string): Promise<boolean> {
  const running = (await runtime.services()).find(({ service }) => service === PROXY)?.image;
  return image === spec.image && (running === undefined || isSameImage(running, image)) && pull !== 'always';
}

interface Upgraded extends Pick<UpgradeData, 'version' | 'backup'> {
  readonly warnings: readonly string[];
}

async function upgradeTo(
  image: string,
  flags: UpgradeFlags,
  invocation: Operation,
  stack: MadeStack,
): Promise<Upgraded> {
  const { context, settings, progress } = invocation;
  const { runtime, state, spec } = stack;
  if (!flags.force) requireForward(spec.image, image);
  const next: StackSpec = { ...spec, image };
  // First, so that an image that is not available changes nothing.
  await runtime.prepare(next, flags.pull, progress);
  await requireTrustedContent(runtime, next);
  const noted = await noteDigests(runtime, next, state);
  const made = flags.backup ? await makeBackup(invocation, stack, { reason: 'upgrade' }) : null;
  const backup = made?.file ?? null;
  const current = (await readState(context.files, settings.paths)) ?? state;
  // After a failed upgrade one still goes back to what was before the first.
  const rollback = current.upgrading ?? { from: spec.image, backup };
  const digests = { ...noted.digests, ...noted.current };
  await writeState(context.files, settings.paths, { ...current, image, digests, upgrading: rollback });
  const deadline = context.clock.now() + flags.timeout;
  const version = await upgradeOrExplain(invocation, { ...stack, spec: next }, { deadline, rollback });
  await settleUpgrade(invocation);
  return { version, backup, warnings: [...rollingWarnings(image, version, digests[image]), ...noted.warnings] };
}
