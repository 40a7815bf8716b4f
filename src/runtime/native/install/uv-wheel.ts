import locked from './uv-wheels.json' with { type: 'json' };

/** A file on PyPI with uv in it, for one kind of machine. */
export interface UvWheel {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The uv that is downloaded. */
export const UV_VERSION = locked.version;
/** The oldest on the PATH that knows what it is told here. */
const OLDEST = [0, 5, 0] as const;

/** `platform` as a `Python` tells its own, such as `linux-x86_64`. */
export function uvWheel(platform: string): UvWheel | undefined {
  const wheels: Readonly<Record<string, UvWheel>> = locked.wheels;
  return wheels[platform];
}

/** By what `uv --version` prints. */
export function isRecentUv(text: string): boolean {
  const found = /^uv (\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  if (!found) return false;
  const different = OLDEST.findIndex((part, i) => part !== found[i]);
  return different < 0 || (found[different] ?? 0) > (OLDEST[different] ?? 0);
}
