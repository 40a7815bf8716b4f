import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Files } from '../../io/files/files.ts';
import { CliError } from '../../model/errors.ts';
import { jsonAs } from '../../text/json.ts';
import { shellWord } from '../../text/shown-text.ts';

const SEGMENT = z.union([z.string(), z.object({ name: z.string() })]);
const ENTRY = z.object({
  path: z.array(SEGMENT),
  /** Of the value that was written; null if a value was removed. */
  hash: z.nullable(z.string()),
  /** The previous value; missing if there was none. */
  before: z.optional(z.unknown()),
});
const RECEIPT = z.object({
  schemaVersion: z.literal(1),
  agent: z.string(),
  gateway: z.string(),
  /** Whether that is the stack of the project. */
  isOwnStack: z.boolean(),
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

/** What `connect` wrote into an agent's settings, so that `disconnect` removes exactly that. */
export type Receipt = z.infer<typeof RECEIPT>;
export type ReceiptFile = Receipt['files'][number];
export type ReceiptEntry = ReceiptFile['entries'][number];

const receiptPath = (folder: string, agent: string) => join(folder, agent, 'receipt.json');

/** Undefined for an agent that is not connected. `folder` is the project's folder of agents. Throws `state_invalid` for a damaged one. */
export async function readReceipt(
  files: Pick<Files, 'read'>,
  folder: string,
  agent: string,
): Promise<Receipt | undefined> {
  const path = receiptPath(folder, agent);
  const text = await files.read(path);
  if (text === undefined) return undefined;
  const receipt = jsonAs(RECEIPT, text);
  if (receipt) return receipt;
  throw new CliError('state_invalid', `${path} is damaged, so it is unknown what connect wrote for ${agent}`, {
    hint: `Remove the settings of the gateway by hand, then this file: rm ${shellWord(path)}`,
    details: { path },
  });
}

/** The names of the agents that have a receipt. */
export async function connectedAgents(files: Pick<Files, 'list' | 'size'>, folder: string): Promise<readonly string[]> {
  const names = await files.list(folder);
  const sizes = await Promise.all(names.map((name) => files.size(receiptPath(folder, name))));
  return names.filter((_, index) => sizes[index] !== undefined);
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

/** Shows whether a value has changed, without storing the virtual key a second time. */
export function valueHash(value: unknown): string | null {
  return value === undefined ? null : createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
