const UNITS: Readonly<Record<string, number>> = { m: 1024 ** 2, g: 1024 ** 3 };

/** Of the gateway, unless the stack has another. docker-compose.yml has the same. */
export const DEFAULT_MEMORY = 4 * 1024 ** 3;

/** With less than this LiteLLM does not start. */
export const LEAST_MEMORY = 256 * 1024 ** 2;

/** What LiteLLM needs for its start and a few requests at once. */
export const ENOUGH_MEMORY = 1024 ** 3;

export const MEMORY_SIZE = /^(\d{1,6}(?:\.\d{1,3})?)([mgMG])$/;

/** Bytes of a size as Docker writes it, such as `2g` or `1536m`; throws if it is none. */
export function parseMemory(text: string): number {
  const [, amount, unit = ''] = MEMORY_SIZE.exec(text) ?? [];
  const bytes = Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (Number.isNaN(bytes)) throw new Error('A size is a number and m or g, such as 1536m or 4g');
  if (bytes < LEAST_MEMORY) throw new Error(`LiteLLM does not start with less than ${formatMemory(LEAST_MEMORY)}`);
  return bytes;
}

/** As `parseMemory` reads it: `4g`, `1536m`. */
export function formatMemory(bytes: number): string {
  return bytes % 1024 ** 3 === 0 ? `${bytes / 1024 ** 3}g` : `${Math.round(bytes / 1024 ** 2)}m`;
}

const KILLED = 'it was killed because it needed more memory than';

/** Why a container ended, with its limit in bytes; 0 without one. */
export function killedForMemory(limit: number): string {
  return `${KILLED} ${limit > 0 ? `its limit of ${formatMemory(limit)}` : 'there is'}`;
}

/** The limit in what `killedForMemory` returned; undefined for any other reason, and without a limit. */
export function limitOfKill(reason: string): number | undefined {
  const beginning = `${KILLED} its limit of `;
  return reason.startsWith(beginning) ? parseMemory(reason.slice(beginning.length)) : undefined;
}
