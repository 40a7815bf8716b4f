import { versionsInImage } from '../../litellm/releases/litellm-version.ts';
import { judged, judgedDigest, stolen, versionRefused } from '../../litellm/releases/trusted-image.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { StackState } from '../../project/state.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Refuses an image on this machine by its name and its content, because a stolen release has other names on mirrors. */
export async function requireTrustedContent(runtime: Runtime, spec: StackSpec): Promise<void> {
  const { image } = spec;
  const named = versionsInImage(image);
  const digest = (await runtime.imageDigests(spec))[image];
  const inside = named.length === 0 ? await runtime.imageVersion(image) : undefined;
  const found = [...named.flatMap((version) => judged(version) ?? []), ...judgedDigest(digest), ...stolen(inside)];
  const theft = found.find(({ kind }) => kind === 'stolen');
  if (theft) throw versionRefused(image, theft);
}

/** The digest of each image, by its reference. */
export type Digests = Readonly<Record<string, string>>;

export interface MovedImage {
  readonly image: string;
  readonly before: string;
  readonly digest: string;
}

/** The images whose names refer to other ones than at their first use. */
export function movedImages(known: Digests, current: Digests): readonly MovedImage[] {
  return Object.entries(current).flatMap(([image, digest]) => {
    const before = known[image];
    return before === undefined || before === digest ? [] : [{ image, before, digest }];
  });
}

export interface NotedDigests {
  /** Those of the first use. */
  readonly digests: Digests;
  readonly current: Digests;
  readonly warnings: readonly string[];
}

/** Remembers the digest of each image at its first use, and warns when its name refers to another image now. */
export async function noteDigests(
  runtime: Runtime,
  spec: StackSpec,
  { digests: known = {} }: Pick<StackState, 'digests'>,
): Promise<NotedDigests> {
  const current = await runtime.imageDigests(spec);
  const warnings = movedImages(known, current).map(
    ({ image, before, digest }) => `${image} has changed since its first use: it was ${before} and is ${digest} now`,
  );
  return { digests: { ...current, ...known }, current, warnings };
}
