import type { Invocation } from '../../context/invocation.ts';
import { type Version, withVersion } from '../../litellm/releases/litellm-version.ts';
import { requireForward, requireTrustedImage, rollingWarnings } from '../../litellm/releases/trusted-image.ts';
import type { Outcome } from '../../model/report.ts';
import { PROXY } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { readState, writeState } from '../../project/state.ts';
import { withLock } from '../../project/with-lock.ts';
import { makeBackup } from '../backup/make-backup.ts';
import { noteDigests, requireTrustedContent } from '../open/images.ts';
import { requireKnownSecrets } from '../open/known-secrets.ts';
import { requireMade } from '../open/made-stack.ts';
import type { RuntimeFor } from '../open/open-stack.ts';
import { upgradeOrSayBack } from './upgrade-data.ts';
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
  /** What LiteLLM says that it is by now; null when nothing was changed. */
  readonly version: string | null;
  readonly backup: string | null;
  readonly elapsedMs: number;
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
