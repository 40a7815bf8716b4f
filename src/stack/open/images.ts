import { versionsInImage } from '../../litellm/releases/litellm-version.ts';
import { judged, judgedDigest, stolen, versionRefused } from '../../litellm/releases/trusted-image.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { StackState } from '../../project/state.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** By its name and by what is in it: a stolen release has other names on mirrors. For images that are there. */
export async function requireTrustedContent(runtime: Runtime, spec: StackSpec): Promise<void> {
  const { image } = spec;
  const named = versionsInImage(image);
  const digest = (await runtime.imageDigests(spec))[image];
  const inside = named.length === 0 ? await runtime.imageVersion(image) : undefined;
  const found = [...named.flatMap((version) => judged(version) ?? []), ...judgedDigest(digest), ...stolen(inside)];
  const theft = found.find(({ kind }) => kind === 'stolen');
  if (theft) throw versionRefused(image, theft);
}

export interface NotedDigests {
  readonly digests: Readonly<Record<string, string>>;
  /** What each of them is by now. */
  readonly now: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Remembers what each image is at its first use, and says when its name means another one by now. */
export async function noteDigests(
  runtime: Runtime,
  spec: StackSpec,
  { digests: known = {} }: Pick<StackState, 'digests'>,
): Promise<NotedDigests> {
  const now = await runtime.imageDigests(spec);
  const warnings = Object.entries(now).flatMap(([image, digest]) => {
    const before = known[image];
    return before === undefined || before === digest
      ? []
      : [`${image} means another image than at its first use: ${digest} now, ${before} then`];
  });
  return { digests: { ...now, ...known }, now, warnings };
}
