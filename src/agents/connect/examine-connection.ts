import type { Files } from '../../io/files/files.ts';
import { fits } from '../../litellm/admin/aliases.ts';
import { isExpired, keyHash } from '../../litellm/admin/keys.ts';
import type { KeyRow, ModelRow } from '../../litellm/admin/schemas.ts';
import { systemCode } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';
import { givenDollars } from '../../text/dollars.ts';
import { listed, shellWord } from '../../text/shown-text.ts';
import { keyAliasOf } from '../agent-key.ts';
import { type Receipt, type ReceiptFile, valueHash } from './receipt.ts';
import { describePath, valueAt } from './settings-file.ts';
import { parseSettings } from './settings-formats.ts';

/** The gateway of this project as it is now. */
export interface GatewayNow {
  readonly url: string;
  /** Undefined until it is ready. */
  readonly rows: { readonly keys: readonly KeyRow[]; readonly models: readonly ModelRow[] } | undefined;
  readonly now: number;
}

export interface ConnectionFault {
  readonly seen: string;
  /** One step a line. */
  readonly fix: string;
}

/** What prevents a connected agent from using the gateway. Without `gateway`, only its files are checked. */
export async function examineConnection(
  receipt: Receipt,
  title: string,
  gateway: GatewayNow | undefined,
  files: Pick<Files, 'read'>,
): Promise<readonly ConnectionFault[]> {
  const found = await Promise.all(receipt.files.map((file) => examineFile(receipt, file, title, files)));
  const faults = found.flatMap(({ fault }) => fault ?? []);
  if (gateway === undefined) return faults;
  if (receipt.gateway !== gateway.url) return [...faults, addressFault(receipt, title, gateway.url)];
  if (gateway.rows === undefined) return faults;
  const { keys, models } = gateway.rows;
  const texts = found.flatMap(({ values }) => values.flatMap(textsIn));
  const isRead = found.every(({ fault }) => fault === undefined);
  return [
    ...faults,
    ...(isRead ? keyFault(receipt, title, ownRow(keys, texts), gateway.now) : []),
    ...modelFault(receipt, title, models),
  ];
}

interface ExaminedFile {
  readonly fault?: ConnectionFault;
  /** The current values of the settings that were written. */
  readonly values: readonly unknown[];
}

async function examineFile(
  receipt: Receipt,
  { path, format, entries }: ReceiptFile,
  title: string,
  files: Pick<Files, 'read'>,
): Promise<ExaminedFile> {
  const faulty = (seen: string): ExaminedFile => ({
    fault: { seen: `${title}: ${seen}`, fix: `${again(receipt)}\nOr take the rest back: ${undo(receipt)}` },
    values: [],
  });
  let settings: unknown;
  try {
    const text = await files.read(path);
    if (text === undefined) return faulty(`${path} no longer exists`);
    settings = parseSettings(format, text);
  } catch (error) {
    const code = systemCode(error);
    return faulty(
      code === undefined ? `${path} is not valid ${format.toUpperCase()}` : `${path} is unreadable (${code})`,
    );
  }
  const changed = entries.filter((entry) => valueHash(valueAt(settings, entry.path)) !== entry.hash);
  if (changed.length === 0) return { values: entries.map((entry) => valueAt(settings, entry.path)) };
  const names = listed(changed.map((entry) => describePath(entry.path)));
  return faulty(`${path} has changed since connect wrote it (${names})`);
}

function addressFault(receipt: Receipt, title: string, url: string): ConnectionFault {
  return { seen: `${title} uses ${receipt.gateway}, but this gateway is at ${url}`, fix: again(receipt) };
}

/** Found by the hash of the key that was written, because another key may have its name now. */
function ownRow(keys: readonly KeyRow[], texts: readonly string[]): KeyRow | undefined {
  const hashes = new Set(texts.map((text) => keyHash(new Secret(text))));
  return keys.find(({ token }) => hashes.has(token));
}

function keyFault(receipt: Receipt, title: string, row: KeyRow | undefined, now: number): readonly ConnectionFault[] {
  const name = `its virtual key ${receipt.keyAlias}`;
  if (!row) return [{ seen: `${title}: ${name} no longer exists in LiteLLM`, fix: again(receipt) }];
  if (isExpired(row, now)) return [{ seen: `${title}: ${name} has expired`, fix: again(receipt) }];
  if (row.blocked) {
    const replace = `Replace the key: agents-llm provision-key --alias ${shellWord(receipt.keyAlias)} --rotate`;
    return [{ seen: `${title}: ${name} is blocked in LiteLLM`, fix: `${replace}\n${again(receipt)}` }];
  }
  if (row.max_budget == null || (row.spend ?? 0) < row.max_budget) return [];
  const raise = `Raise it: ${connectCommand(receipt)} --max-budget DOLLARS`;
  return [{ seen: `${title}: ${name} has spent its budget of ${givenDollars(row.max_budget)}`, fix: raise }];
}

function modelFault({ model }: Receipt, title: string, models: readonly ModelRow[]): readonly ConnectionFault[] {
  if (models.some(({ model_name }) => model_name === model || fits(model_name, model))) return [];
  const fix = `Create it: agents-llm alias add ${shellWord(model)} --target openai/gpt-4o --provider openai`;
  return [{ seen: `${title}: its model ${model} no longer exists in LiteLLM`, fix }];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const again = (receipt: Receipt) => `Connect it again: ${connectCommand(receipt)}`;
const undo = ({ agent }: Receipt) => `agents-llm disconnect ${shellWord(agent)}`;

function connectCommand({ agent, gateway, isOwnStack, model, keyAlias }: Receipt): string {
  return [
    `agents-llm connect ${shellWord(agent)}`,
    ...(model === 'gpt-5' ? [] : [`--model ${shellWord(model)}`]),
    ...(keyAlias === keyAliasOf(agent) ? [] : [`--key-alias ${shellWord(keyAlias)}`]),
    ...(isOwnStack ? [] : [`--base-url ${shellWord(gateway)}`]),
  ].join(' ');
}
