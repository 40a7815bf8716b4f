import type { StackSpec } from '../../model/stack-spec.ts';

export function imagesOf(spec: StackSpec): string[] {
  return [...new Set([spec.databaseImage, spec.image, ...(spec.tls ? [spec.tls.image] : [])])];
}
