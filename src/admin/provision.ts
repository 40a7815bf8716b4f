import type { Secret } from '../secret.ts';
import type { AdminClient } from './client.ts';
import { type KeptKeys, keyHash } from './kept-keys.ts';
import { keyDurationMs } from './key-duration.ts';
import { keyBlocked, keyLost, keyNotOurs } from './key-errors.ts';
import { completeWish, inheritance, limitChanges, OWNER, ownerMetadata, wantedLimits } from './key-limits.ts';
import { missingModels, proveKey } from './key-models.ts';
import type { KeyWish, ProvisionedKey, WholeKeyWish } from './key-wish.ts';
import { deleteKey, findKey, generateKey, isExpired, requireTeam, updateKey } from './keys.ts';
import { servedModels } from './models.ts';
import type { KeyRow } from './schemas.ts';

export interface Provisioner {
  readonly client: AdminClient;
  readonly kept: KeptKeys;
  /** This host, as written into the metadata of keys: what tells our keys from those of others. */
  readonly host: string;
}

type Made = Pick<ProvisionedKey, 'key' | 'change' | 'expires'> & { readonly why?: string };

const OTHER_PROCESS_MS = 5000;

/** Gives the kept key of that alias, brought up to date, or makes one; proves it before it is given. */
export async function provisionKey(provisioner: Provisioner, asked: KeyWish): Promise<ProvisionedKey> {
  const { client, kept } = provisioner;
  if (asked.duration !== undefined) keyDurationMs(asked.duration);
  const [served, row, key] = await Promise.all([
    servedModels(client),
    findKey(client, asked.alias),
    kept.read(asked.alias),
    asked.teamId === undefined ? undefined : requireTeam(client, asked.teamId),
  ]);
  const wish = completeWish(asked, row);
  const missing = await missingModels(client, wish, served);
  const made = await (row ? reuse(provisioner, wish, row, key) : make(provisioner, wish));
  await proveKey(
    client,
    made.key,
    wish.models.filter((model) => !missing.includes(model)),
  );
  const lost = !row && key ? ['the key that was kept here is gone from LiteLLM; this is a new one'] : [];
  return {
    alias: wish.alias,
    key: made.key,
    change: made.change,
    expires: made.expires,
    models: wish.models,
    duration: wish.duration,
    baseUrl: `${client.target.url}/v1`,
    warnings: [
      ...(made.why === undefined ? [] : [made.why]),
      ...lost,
      ...(missing.length > 0 ? [`LiteLLM has no model ${missing.join(', ')} yet`] : []),
    ],
  };
}

async function reuse(
  provisioner: Provisioner,
  wish: WholeKeyWish,
  row: KeyRow,
  key: Secret | undefined,
): Promise<Made> {
  const { client } = provisioner;
  const same = key !== undefined && keyHash(key) === row.token;
  if (!same && !isOfHost(row, provisioner.host) && !(wish.rotate && wish.force)) throw keyNotOurs(row, wish.alias);
  if (wish.rotate) return replace(provisioner, wish, row);
  if (isExpired(row, client.clock.now())) {
    return replace(provisioner, wish, row, `the key of before expired at ${row.expires}; this is a new one`);
  }
  if (!same) {
    const made = await keptByNow(provisioner, wish.alias, row);
    if (made) return made;
    throw keyLost(wish.alias);
  }
  if (row.blocked) throw keyBlocked(wish.alias);
  const changes = limitChanges(row, wish);
  if (!changes) return { key, change: 'unchanged', expires: row.expires ?? null };
  await updateKey(client, row.token, changes);
  const updated = await findKey(client, wish.alias);
  return { key, change: 'updated', expires: updated?.expires ?? null };
}

/** Whether this program made the key on that host. */
export function isOfHost(row: KeyRow, host: string): boolean {
  return row.metadata?.[OWNER] === 'agents-llm' && row.metadata.agents_llm_host === host;
}

async function replace(provisioner: Provisioner, wish: WholeKeyWish, row: KeyRow, why?: string): Promise<Made> {
  await deleteKey(provisioner.client, row.token);
  return { ...(await make(provisioner, wish, row)), ...(why === undefined ? {} : { why }) };
}

async function make(provisioner: Provisioner, wish: WholeKeyWish, replaced?: KeyRow): Promise<Made> {
  const { client, kept, host } = provisioner;
  const inherited = replaced && inheritance(replaced);
  const metadata = { ...inherited?.metadata, ...wish.metadata, ...ownerMetadata(wish, host) };
  const limits = { ...inherited, ...wantedLimits(wish), metadata };
  const made = await generateKey(client, wish.alias, limits);
  if (made !== 'taken') {
    await kept.write(wish.alias, made.key);
    return { ...made, change: replaced ? 'rotated' : 'created' };
  }
  const row = await findKey(client, wish.alias);
  const other = row && (await keptByNow(provisioner, wish.alias, row));
  if (other) return other;
  throw keyLost(wish.alias);
}

/** Another process may have made the key this moment: the alias is taken at once, its file comes a little later. */
export async function keptByNow({ client, kept }: Provisioner, alias: string, row: KeyRow): Promise<Made | undefined> {
  const { clock } = client;
  const created = Date.parse(row.created_at ?? '');
  const until = Math.min(clock.now() + OTHER_PROCESS_MS, (Number.isNaN(created) ? 0 : created) + OTHER_PROCESS_MS);
  for (;;) {
    const key = await kept.read(alias);
    if (key && keyHash(key) === row.token) return { key, change: 'unchanged', expires: row.expires ?? null };
    if (clock.now() >= until) return undefined;
    await clock.sleep(100);
  }
}
