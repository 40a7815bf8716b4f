import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Files } from '../../io/files/files.ts';
import { jsonAs } from '../../text/json.ts';

const SEGMENT = z.union([z.string(), z.object({ name: z.string() })]);
const ENTRY = z.object({
  path: z.array(SEGMENT),
  /** Of the value that was written; null where one was removed. */
  hash: z.nullable(z.string()),
  /** What stood there before; missing where nothing did. */
  before: z.optional(z.unknown()),
});
const RECEIPT = z.object({
  schemaVersion: z.literal(1),
  agent: z.string(),
  gateway: z.string(),
  model: z.string(),
  keyAlias: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      format: z.enum(['json', 'toml', 'yaml', 'dotenv']),
      /** Whether there was no such file before. */
      created: z.boolean(),
      entries: z.array(ENTRY),
    }),
  ),
});

/** What `connect` wrote into an agent's settings, so that `disconnect` takes back exactly that. */
export type Receipt = z.infer<typeof RECEIPT>;
export type ReceiptFile = Receipt['files'][number];
export type ReceiptEntry = ReceiptFile['entries'][number];

const receiptPath = (folder: string, agent: string) => join(folder, agent, 'receipt.json');

/** Undefined for an agent that is not connected. `folder` is the project's folder of agents. */
export async function readReceipt(
  files: Pick<Files, 'read'>,
  folder: string,
  agent: string,
): Promise<Receipt | undefined> {
  const text = await files.read(receiptPath(folder, agent));
  return text === undefined ? undefined : jsonAs(RECEIPT, text);
}

export async function writeReceipt(
  files: Pick<Files, 'makeOwnFolder' | 'write'>,
  folder: string,
  receipt: Receipt,
): Promise<void> {
  await files.makeOwnFolder(join(folder, receipt.agent));
  await files.write(receiptPath(folder, receipt.agent), `${JSON.stringify(receipt, null, 2)}\n`, 0o600);
}

export async function removeReceipt(files: Pick<Files, 'remove'>, folder: string, agent: string): Promise<void> {
  await files.remove(receiptPath(folder, agent));
}

/** Tells whether a value still is as it was written, without keeping the virtual key a second time. */
export function valueHash(value: unknown): string | null {
  return value === undefined ? null : createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
