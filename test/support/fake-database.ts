import type { Files } from '../../src/io/files/files.ts';
import { CliError } from '../../src/model/errors.ts';
import type { Database } from '../../src/runtime/runtime.ts';
import { READ_IDENTITY } from '../../src/stack/data/data-identity.ts';
import { READ_ROWS } from '../../src/stack/data/data-rows.ts';
import { SET_RETENTION } from '../../src/stack/data/log-retention.ts';
import type { FakeLitellm, FakeState } from './fake-litellm-state.ts';

interface Content {
  readonly rows: FakeState;
  readonly id: string | undefined;
}

export interface FakeDatabase {
  readonly database: Database;
  /** Names of the databases beside the one in use. */
  others(): readonly string[];
  identity(): string | undefined;
  setIdentity(id: string): void;
  /** The content of an archive with these rows. */
  archive(rows: FakeState): string;
}

/** The rows that a database under this proxy would hold, as `READ_ROWS` gives them. */
export function databaseRows({ credentials, models, keys, teams }: FakeState): string {
  return JSON.stringify({
    providers: Object.entries(credentials).map(([name, row]) => ({
      name,
      hash: JSON.stringify(row),
      values: { api_key: `encrypted ${name}` },
    })),
    aliases: models.map(({ id, name, params }) => ({ id, name, hash: JSON.stringify(params) })),
    keys: keys.map(({ token, key_alias }) => ({ id: token, name: String(key_alias), hash: token })),
    teams: teams.map((id) => ({ id, name: id, hash: id })),
  });
}

const archiveOf = (rows: FakeState) => `PGDMP${JSON.stringify(rows)}`;
const LIVE = 'litellm';
const EMPTY: FakeState = { credentials: {}, models: [], fallbacks: [], keys: [], teams: [], spendLogs: [] };

/** Databases that do what the project's SQL says; other SQL is a surprise. What the proxy holds is the one in use. */
export function fakeDatabase(
  { state }: Pick<FakeLitellm, 'state'>,
  files: Files,
  { runs, calls }: { readonly runs: () => boolean; readonly calls: string[] },
): FakeDatabase {
  const others = new Map<string, Content>();
  let liveId: string | undefined;
  const contentOf = (name: string): Content | undefined =>
    name === LIVE ? structuredClone({ rows: state, id: liveId }) : others.get(name);
  const put = (name: string, content: Content) => {
    if (name !== LIVE) return void others.set(name, content);
    Object.assign(state, structuredClone(content.rows));
    liveId = content.id;
  };
  const require = (name: string): Content => {
    const found = contentOf(name);
    if (found) return found;
    throw new CliError('database_failed', `psql failed: database "${name}" does not exist`);
  };
  const requireRunning = () => {
    if (!runs()) throw new CliError('not_running', 'The database is not running');
  };
  const sql: Database['sql'] = async (script, name = LIVE) => {
    requireRunning();
    if (script === READ_ROWS) return databaseRows(require(name).rows);
    if (script === READ_IDENTITY) return require(name).id ? `${require(name).id}\n` : '';
    if (script.startsWith('SHOW server_version')) return '16.14\n';
    if (script.includes('"LiteLLM_DeletedVerificationToken"')) return '';
    if (script === SET_RETENTION) return require(name).rows.spendLogs.length > 0 ? '' : 'general_settings\n';
    const identity = /INSERT INTO agents_llm.stack \(id\) VALUES \('(.*)'\)/.exec(script)?.[1];
    if (identity === undefined) throw new Error(`unexpected SQL: ${script}`);
    put(name, { ...require(name), id: identity });
    return '';
  };
  const administer: Database['administer'] = async (script) => {
    requireRunning();
    if (script.startsWith('SELECT count(*) FROM pg_database')) return others.has('litellm_before') ? '1\n' : '0\n';
    const password = /^ALTER ROLE litellm PASSWORD '(.*)';\n$/.exec(script)?.[1];
    const dropped = /^DROP DATABASE IF EXISTS (\w+) WITH \(FORCE\);\n$/.exec(script)?.[1];
    const created = /^CREATE DATABASE (\w+) OWNER litellm;\n$/.exec(script)?.[1];
    const renames = [...script.matchAll(/ALTER DATABASE (\w+) RENAME TO (\w+);/g)];
    if (password !== undefined) calls.push(`password ${password}`);
    else if (dropped !== undefined) others.delete(dropped);
    else if (created !== undefined) put(created, { rows: EMPTY, id: undefined });
    else if (renames.length > 0) {
      for (const [, from = '', to = ''] of renames) {
        put(to, require(from));
        others.delete(from);
      }
    } else throw new Error(`unexpected SQL: ${script}`);
    return '';
  };
  return {
    others: () => [...others.keys()].sort(),
    identity: () => liveId,
    setIdentity: (id) => {
      liveId = id;
    },
    archive: archiveOf,
    database: {
      sql,
      administer,
      async dump(file) {
        requireRunning();
        await files.write(file, archiveOf(state), 0o600);
      },
      isArchive: async (file) => (await files.read(file))?.startsWith('PGDMP{') ?? false,
      async restore(file, name) {
        requireRunning();
        require(name);
        const text = (await files.read(file)) ?? '';
        if (!text.startsWith('PGDMP{')) throw new CliError('database_failed', 'pg_restore failed: no archive');
        put(name, { rows: JSON.parse(text.slice(5)) as FakeState, id: undefined });
      },
    },
  };
}
