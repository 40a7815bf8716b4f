import { readFileSync } from 'node:fs';
import type { Recorded } from './recorded-litellm.ts';

const FILE = new URL('../fixtures/contract/chat-1.108.11.json', import.meta.url);

/** What LiteLLM 1.108.11 answers to `POST /v1/chat/completions`, by its label. */
export function recordedChat(label: string): Recorded {
  const found = (JSON.parse(readFileSync(FILE, 'utf8')) as ({ label: string } & Recorded)[]).find(
    (exchange) => exchange.label === label,
  );
  if (!found) throw new Error(`nothing recorded as "${label}"`);
  const { status, body, contentType = '' } = found;
  return /json/.test(contentType) ? { status, body } : { status, body, contentType };
}
