import type { Runtime } from '../runtime/runtime.ts';
import type { StackSpec } from '../service.ts';
import type { StackState } from '../stack/state.ts';

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
