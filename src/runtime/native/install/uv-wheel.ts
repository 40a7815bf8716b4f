import locked from './uv-wheels.json' with { type: 'json' };

/** A wheel of uv on PyPI for one platform. */
export interface UvWheel {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The version of uv that is downloaded. */
export const UV_VERSION = locked.version;
/** The oldest uv that supports the options that we use. */
const OLDEST = [0, 5, 0] as const;

/** `platform` is that of a `Python`, such as `linux-x86_64`. */
export function uvWheel(platform: string): UvWheel | undefined {
  const wheels: Readonly<Record<string, UvWheel>> = locked.wheels;
  return wheels[platform];
}

/** `text` is the output of `uv --version`. */
export function isRecentUv(text: string): boolean {
  const version = /^uv (\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  if (!version) return false;
  const different = OLDEST.findIndex((part, i) => part !== version[i]);
  return different < 0 || (version[different] ?? 0) > (OLDEST[different] ?? 0);
}
