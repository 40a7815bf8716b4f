import type { Secret } from '../../model/secret.ts';
import type { Admin } from '../admin/admin.ts';
import { deleteKey, findKeys, generateKey, isExpired, keyHash, requireTeam, updateKey } from '../admin/keys.ts';
import { servedAliases } from '../admin/models.ts';
import type { KeyLimits, KeyRow } from '../admin/schemas.ts';
import { keyDurationMs } from './key-duration.ts';
import { keyBlocked, keyLost, keyNotOurs } from './key-errors.ts';
import { completeWish, inheritance, limitChanges, OWNER, ownerMetadata, wantedLimits } from './key-limits.ts';
import { MEANS_ALL, missingModels, proveKey } from './key-models.ts';
import type { KeyWish, ProvisionedKey, WholeKeyWish } from './key-wish.ts';
import { limitWarnings } from './limit-warnings.ts';

/** What exists for an alias, in LiteLLM and on this machine. */
interface Found {
  readonly row: KeyRow | undefined;
  readonly key: Secret | undefined;
  readonly wish: WholeKeyWish;
}

type Made = Pick<ProvisionedKey, 'key' | 'change' | 'expires'> & { readonly why?: string };

const OTHER_PROCESS_MS = 5000;
const ATTEMPTS = 10;
const WITHDRAWN_MS = 500;

/**
 * Returns the saved key of that alias, updated if needed, or creates one. Tests the key before returning it. Creates and changes
 * nothing unless `allowed` succeeds.
 */
export async function provisionKey(admin: Admin, asked: KeyWish, allowed?: Promise<unknown>): Promise<ProvisionedKey> {
  const { client, exclusively } = admin;
  if (asked.duration !== undefined) keyDurationMs(asked.duration);
  const namesNoModel = asked.models?.every((model) => MEANS_ALL.has(model));
  const [, served, before] = await Promise.all([
    allowed,
    namesNoModel ? undefined : servedAliases(client),
    find(admin, asked),
    asked.teamId === undefined ? undefined : requireTeam(client, asked.teamId),
  ]);
  const missing = served === undefined ? [] : await missingModels(client, before.wish, served);
  const { made, wish } =
    asItIs(admin, before) ??
    (await exclusively(asked.alias, async () => bringUpToDate(admin, await find(admin, asked))));
  const expected = wish.models.filter((model) => !missing.includes(model));
  // LiteLLM treats a budget of 0 as already spent, but a file may ask for such a key.
  const isSpent = wish.exact && wish.maxBudget === 0;
  if (!isSpent) await proveKey(client, { alias: wish.alias, key: made.key }, expected);
  const unmet = made.change === 'unchanged' ? [] : await limitWarnings(client, wish);
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
      ...(missing.length > 0 ? [`LiteLLM has no model ${missing.join(', ')} yet`] : []),
      ...unmet,
    ],
  };
}

/** If several rows have the alias, the one whose key is saved here counts. */
async function find({ client, kept }: Admin, asked: KeyWish): Promise<Found> {
  const [rows, key] = await Promise.all([findKeys(client, asked.alias), kept.read(asked.alias)]);
  const row = rows.find(({ token }) => key !== undefined && keyHash(key) === token) ?? rows[0];
  return { row, key, wish: completeWish(asked, row) };
}

/** The saved key if nothing has to change; otherwise undefined. */
function asItIs({ client }: Admin, { row, key, wish }: Found): Updated | undefined {
  if (!row || !key || keyHash(key) !== row.token || wish.rotate || row.blocked) return undefined;
  if (isExpired(row, client.clock.now()) || limitChanges(row, wish)) return undefined;
  return { made: { key, change: 'unchanged', expires: row.expires ?? null }, wish };
}

interface Updated {
  readonly made: Made;
  readonly wish: WholeKeyWish;
}

async function bringUpToDate(admin: Admin, found: Found): Promise<Updated> {
  const { row, key, wish } = found;
  if (row) return { made: await reuse(admin, found, row), wish };
  const made = await make(admin, wish);
  const why = 'The saved virtual key no longer exists in LiteLLM, so a new one was created';
  return { made: key === undefined ? made : { why, ...made }, wish };
}

async function reuse(admin: Admin, { key, wish }: Found, row: KeyRow): Promise<Made> {
  const { client } = admin;
  const same = key !== undefined && keyHash(key) === row.token;
  if (!same && !isOfHost(row, admin.host) && !(wish.rotate && wish.force)) throw keyNotOurs(row, wish.alias);
  if (wish.rotate) return replace(admin, wish, row);
  if (isExpired(row, client.clock.now())) {
    return replace(admin, wish, row, `The previous virtual key expired at ${row.expires}, so a new one was created`);
  }
  if (!same) {
    const made = await keptByNow(admin, wish.alias, row);
    if (made) return made;
    throw keyLost(wish.alias);
  }
  if (row.blocked) throw keyBlocked(wish.alias);
  const changes = limitChanges(row, wish);
  if (!changes) return { key, change: 'unchanged', expires: row.expires ?? null };
  await updateKey(client, row.token, changes);
  const updated = (await findKeys(client, wish.alias)).find(({ token }) => token === row.token);
  return { key, change: 'updated', expires: updated?.expires ?? null };
}

/** Whether agents-llm created the key on that host. */
export function isOfHost(row: KeyRow, host: string): boolean {
  return row.metadata?.[OWNER] === 'agents-llm' && row.metadata.agents_llm_host === host;
}

async function replace(admin: Admin, wish: WholeKeyWish, row: KeyRow, why?: string): Promise<Made> {
  await deleteKey(admin.client, row.token);
  return { ...(await make(admin, wish, row)), ...(why === undefined ? {} : { why }) };
}

async function make(admin: Admin, wish: WholeKeyWish, replaced?: KeyRow): Promise<Made> {
  const { client, host } = admin;
  const inherited = replaced && inheritance(replaced);
  const metadata = { ...inherited?.metadata, ...wish.metadata, ...ownerMetadata(wish, host) };
  const limits = { ...inherited, ...wantedLimits(wish), metadata };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const made = await makeAlone(admin, wish.alias, limits);
    if (made) return { ...made, change: replaced ? 'rotated' : 'created' };
    const [row] = await findKeys(client, wish.alias);
    if (!row) continue;
    const other = await keptByNow(admin, wish.alias, row);
    if (other) return other;
    throw isOfHost(row, host) ? keyLost(wish.alias) : keyNotOurs(row, wish.alias);
  }
  throw keyLost(wish.alias);
}

/**
 * Undefined if another process has just created a key with that alias. LiteLLM checks whether an alias is taken
 * before it writes, so several processes may get one at once. Whoever sees another's key withdraws its own: of any two, at least
 * one sees the other, so no two keys stay. They retry one after the other, in the order of their keys' hashes.
 */
async function makeAlone({ client, kept }: Admin, alias: string, limits: KeyLimits) {
  const made = await generateKey(client, alias, limits);
  if (made === 'taken') return undefined;
  await kept.write(alias, made.key);
  const hash = keyHash(made.key);
  const others = (await findKeys(client, alias)).filter(({ token }) => token !== hash);
  if (others.length === 0) return made;
  await deleteKey(client, hash);
  const current = await kept.read(alias);
  if (current && keyHash(current) === hash) await kept.remove(alias);
  const before = others.filter(({ token }) => token < hash).length;
  await client.clock.sleep(before * WITHDRAWN_MS + (Number.parseInt(hash.slice(0, 4), 16) % WITHDRAWN_MS));
  return undefined;
}

/** Waits for a key that another process has just created, because its alias is taken before its file is written. */
export async function keptByNow({ client, kept }: Admin, alias: string, row: KeyRow): Promise<Made | undefined> {
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
