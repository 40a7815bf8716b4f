import { readFileSync } from 'node:fs';
import type { Recorded } from './recorded-litellm.ts';

/** The versions of LiteLLM whose answers to chats, request log and daily sums are recorded. */
export const RECORDED_VERSIONS = ['1.90.2', '1.104.7', '1.108.11'] as const;
export type RecordedVersion = (typeof RECORDED_VERSIONS)[number];

/** A recording of one of them, as JSON. */
export function recording(name: 'chat' | 'spend-logs' | 'daily-activity', version: RecordedVersion) {
  const file = new URL(`../fixtures/contract/${name}-${version}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What LiteLLM answers to `POST /v1/chat/completions`, by its label. */
export function recordedChat(label: string, version: RecordedVersion = '1.108.11'): Recorded {
  const found = (recording('chat', version) as ({ label: string } & Recorded)[]).find(
    (exchange) => exchange.label === label,
  );
  if (!found) throw new Error(`nothing recorded as "${label}"`);
  const { status, body, contentType = '' } = found;
  return /json/.test(contentType) ? { status, body } : { status, body, contentType };
}
