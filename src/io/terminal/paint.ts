/** Colours for people. Every function returns its text unchanged if colour is off. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly magenta: (text: string) => string;
}

type Env = Readonly<Record<string, string | undefined>>;

const same = (text: string) => text;
export const plainPaint: Paint = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
  magenta: same,
};

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over the kind of stream. */
export function wantsColour(env: Env, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}

export async function paintFor(env: Env, isTerminal: boolean): Promise<Paint> {
  if (!wantsColour(env, isTerminal)) return plainPaint;
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 });
}
