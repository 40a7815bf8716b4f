import type { AdminClient } from '../litellm/admin/client.ts';
import { listCredentials } from '../litellm/admin/credentials.ts';
import { listKeys } from '../litellm/admin/keys.ts';
import { listModels } from '../litellm/admin/models.ts';
import { listTeams } from '../litellm/admin/shown-data.ts';
import { ownKeptKeys } from '../litellm/keys/kept-keys.ts';
import { peerOf } from '../litellm/peer-of.ts';
import { DATABASE, PROXY } from '../model/service.ts';
import { READ_IDENTITY } from '../stack/data/data-identity.ts';
import { type DataRows, parseRows, READ_ROLE, READ_ROWS, SUPERUSER } from '../stack/data/data-rows.ts';
import { parseSize, READ_SIZE } from '../stack/data/database-size.ts';
import { localClient } from '../stack/open/made-stack.ts';
import { type SortedKeys, sortKeptKeys } from '../stack/verify/sort-kept-keys.ts';
import type { ExaminedStack, HeldData, ShownStack } from './examined-stack.ts';
import { lookup } from './lookup.ts';

type Base = Omit<ExaminedStack, keyof ShownStack>;

export function shownStack(base: Base): ShownStack {
  const client = lookup('readiness', () => clientOf(base));
  const listed = <Row>(owner: Parameters<typeof lookup>[0], list: (given: AdminClient) => Promise<Row>) =>
    lookup(owner, async () => {
      const given = await client();
      return given && list(given);
    });
  const held = lookup('database', () => heldBy(base));
  return {
    client,
    models: listed('alias-rows', listModels),
    credentials: listed('alias-credentials', listCredentials),
    keys: listed('expiring-keys', listKeys),
    teams: listed('readable', listTeams),
    held,
    kept: lookup('saved-keys', async () => {
      const [given, data] = await Promise.all([client(), held()]);
      return given && data && keptBy(base, given, data.rows);
    }),
  };
}

async function clientOf({
  invocation,
  runtime,
  health,
  secrets,
  services,
  spec,
}: Base): Promise<AdminClient | undefined> {
  const [state, known] = [await health(), await secrets()];
  if (state?.state !== 'ready' || !known) return undefined;
  const published = (await services()).find(({ service }) => service === PROXY)?.published;
  const where = { ...(await spec()), ...published };
  return localClient(invocation, where, known, peerOf(invocation, runtime, where));
}

async function keptBy({ invocation, runtime }: Base, { target }: AdminClient, rows: DataRows): Promise<SortedKeys> {
  const kept = await ownKeptKeys(invocation, target.url).list();
  return sortKeptKeys(runtime.database, rows, kept, invocation.settings.project);
}

/** One call, because each call of psql starts a process. */
async function heldBy({ runtime, services, place, cli }: Base): Promise<HeldData | undefined> {
  const database = (await services()).find(({ service }) => service === DATABASE);
  if (database?.status !== 'running' && !(await place()).external) return undefined;
  await cli();
  const lines = (await runtime.database.sql(READ_ROLE + READ_IDENTITY + READ_SIZE + READ_ROWS)).trim().split('\n');
  const rows = parseRows(lines.at(-1) ?? '');
  const before = lines.slice(0, -1).filter((line) => line !== SUPERUSER);
  const size = parseSize(before.at(-1) ?? '');
  const id = before.find((line) => !line.startsWith('{'));
  return { id, rows, size, isSuperuser: lines[0] === SUPERUSER };
}
