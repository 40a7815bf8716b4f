import { readFileSync } from 'node:fs';

export type LitellmVersion = '1.108.11' | '1.90.2';

export interface Recorded {
  readonly status: number;
  readonly body: unknown;
  /** Only for what is no JSON. */
  readonly contentType?: string;
}

/** An exchange with the real proxy, by its label; `names` are put in place of texts of the recording. */
export type Say = (label: string, names?: Readonly<Record<string, string>>) => Recorded;

export function recorded(version: LitellmVersion): Say {
  const file = new URL(`../fixtures/contract/litellm-${version}.json`, import.meta.url);
  const exchanges = JSON.parse(readFileSync(file, 'utf8')) as ({ label: string } & Recorded)[];
  return (label, names = {}) => {
    const found = exchanges.find((exchange) => exchange.label === label);
    if (!found) throw new Error(`nothing recorded as "${label}"`);
    let text = JSON.stringify(found.body);
    for (const [from, to] of Object.entries(names)) text = text.replaceAll(from, JSON.stringify(to).slice(1, -1));
    return { status: found.status, body: JSON.parse(text) };
  };
}
