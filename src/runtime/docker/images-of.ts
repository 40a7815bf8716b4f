import type { StackSpec } from '../../model/stack-spec.ts';

/** The images of a stack, each once, in the order in which they are needed. */
export function imagesOf(spec: StackSpec): string[] {
  return [...new Set([spec.databaseImage, spec.image, ...(spec.tls ? [spec.tls.image] : [])])];
}
