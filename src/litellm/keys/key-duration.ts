import { CliError } from '../../model/errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 2_592_000_000,
};

/**
 * The milliseconds of a lifetime in LiteLLM's format: a whole number and s, m, h, d, w or mo (30 days). Throws `usage`
 * for anything else, because LiteLLM would answer with an internal server error.
 * @example keyDurationMs('30d') // 2592000000
 */
export function keyDurationMs(text: string, source = '--duration'): number {
  const match = /^(\d{1,6})(mo|[smhdw])$/.exec(text);
  const ms = Number(match?.[1] ?? 0) * (UNIT_MS[match?.[2] ?? ''] ?? 0);
  if (ms > 0) return ms;
  throw new CliError('usage', `${source} is not a valid lifetime: "${text}"`, {
    hint: 'Use a whole number and s, m, h, d, w or mo, such as 30d',
  });
}
