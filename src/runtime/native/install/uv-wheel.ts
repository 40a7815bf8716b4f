import { isAtLeast } from '../../../text/version-order.ts';
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
const OLDEST = '0.5.0';

/** `platform` is that of a `Python`, such as `linux-x86_64`. */
export function uvWheel(platform: string): UvWheel | undefined {
  const wheels: Readonly<Record<string, UvWheel>> = locked.wheels;
  return wheels[platform];
}

/** `text` is the output of `uv --version`. */
export function isRecentUv(text: string): boolean {
  const version = /^uv (\d+\.\d+\.\d+)/.exec(text)?.[1];
  return version !== undefined && isAtLeast(version, OLDEST);
}
