import type { AdminClient } from '../../admin/client.ts';
import { listCredentials } from '../../admin/credentials.ts';
import { listKeys } from '../../admin/keys.ts';
import { listModels } from '../../admin/models.ts';
import type { CredentialRow, KeyRow, ModelRow } from '../../admin/schemas.ts';
import { listTeams } from '../../admin/shown-data.ts';
import { DATABASE, PROXY } from '../../service.ts';
import { READ_IDENTITY } from '../../stack/data-identity.ts';
import { type DataRows, parseRows, READ_ROLE, READ_ROWS, SUPERUSER } from '../../stack/data-rows.ts';
import { ownKeptKeys } from '../own-kept-keys.ts';
import { peerOf } from '../peer-of.ts';
import { localClient } from '../require-ready.ts';
import { type SortedKeys, sortKeptKeys } from '../sort-kept-keys.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Lookup, lookup } from './lookup.ts';

/** What proxy and database hold. All of it is undefined while they do not run, or the proxy is not ready. */
export interface ShownStack {
  readonly client: Lookup<AdminClient | undefined>;
  readonly models: Lookup<readonly ModelRow[] | undefined>;
  readonly credentials: Lookup<readonly CredentialRow[] | undefined>;
  readonly keys: Lookup<readonly KeyRow[] | undefined>;
  readonly teams: Lookup<readonly { readonly team_id: string }[] | undefined>;
  readonly held: Lookup<HeldData | undefined>;
  /** The virtual keys that are kept on this machine. */
  readonly kept: Lookup<SortedKeys | undefined>;
}

export interface HeldData {
  /** Which data it is; undefined when nothing is written about that. */
  readonly id: string | undefined;
  readonly rows: DataRows;
  /** Whether LiteLLM's role has all rights. */
  readonly isSuperuser: boolean;
}

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
    kept: lookup('kept-keys', async () => {
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

/** In one go: each call of psql costs a process. */
async function heldBy({ runtime, services, place, cli }: Base): Promise<HeldData | undefined> {
  const database = (await services()).find(({ service }) => service === DATABASE);
  if (database?.status !== 'running' && !(await place()).external) return undefined;
  await cli();
  const lines = (await runtime.database.sql(READ_ROLE + READ_IDENTITY + READ_ROWS)).trim().split('\n');
  const rows = parseRows(lines.at(-1) ?? '');
  const id = lines.slice(0, -1).find((line) => line !== SUPERUSER);
  return { id, rows, isSuperuser: lines[0] === SUPERUSER };
}
