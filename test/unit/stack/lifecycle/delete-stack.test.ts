import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { keptKeys } from '../../../../src/litellm/keys/kept-keys.ts';
import { CliError, EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { writeState } from '../../../../src/project/state.ts';
import type { Database } from '../../../../src/runtime/runtime.ts';
import { deleteStack } from '../../../../src/stack/lifecycle/delete-stack.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const ENV =
  'LITELLM_MASTER_KEY=sk-0123456789abcdef\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=pw\nUI_USERNAME=me\nUI_PASSWORD=me\n';
const ROWS = '{"providers":[],"aliases":[],"keys":[],"teams":[]}';
const volume = 'agents-llm_litellm_pgdata';
let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
});

async function setUp(database: Partial<Database> = {}) {
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  await files.makeFolder(paths.folder);
  await files.write(paths.secrets, ENV, 0o600);
  await writeState(files, paths, {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port: 4000,
    image: 'l:1',
    databaseImage: 'p:1',
    engine: { endpoint: 'unix:///docker.sock', id: 'E' },
    createdAt: '2026-01-01T00:00:00Z',
  });
  const calls: string[] = [];
  const runtime = fakeRuntime({
    inventory: async () => ({ containers: ['agents-llm-litellm-1'], volumes: [volume], networks: [] }),
    services: async () => [serviceState({ service: 'litellm-db' })],
    remove: async ({ volumes }) => void calls.push(`remove, volumes: ${volumes}`),
    database: {
      sql: async (script) => (script.startsWith('SHOW') ? '16.14\n' : ROWS),
      dump: (file) => files.write(file, 'PGDMP', 0o600),
      isArchive: async () => true,
      ...database,
    },
  });
  const remove = (backup = true) => deleteStack({ force: true, backup }, invocation, runtime);
  return { remove, calls, paths, files };
}

test('deletes everything after a backup that includes its secrets', async () => {
  const { remove, calls, paths } = await setUp();
  const { data } = await remove();
  expect(calls).toEqual(['remove, volumes: true']);
  expect(existsSync(paths.secrets)).toBe(false);
  expect(data).toMatchObject({ change: 'deleted', deleted: { volumes: [volume] } });
  expect(data.backup).toMatch(/-down\.dump$/);
  expect(existsSync(data.backup?.replace('.dump', '.env') ?? '')).toBe(true);
});

test('keeps saved virtual keys of other gateways and deletes those of the stack', async () => {
  const { remove, paths, files } = await setUp();
  const kept = (url: string, own: boolean) => keptKeys(files, paths.keys, { url, own });
  const [own, other] = [kept('http://127.0.0.1:4000', true), kept('https://llm.corp', false)];
  await own.write('agents-service', new Secret('sk-own-0123456789'));
  await other.write('agents-service', new Secret('sk-other-0123456789'));
  const { data } = await remove();
  expect((await other.read('agents-service'))?.reveal()).toBe('sk-other-0123456789');
  expect(await own.list()).toEqual([]);
  expect(data.deleted.files).toContain(join(paths.keys, 'agents-service.json'));
  expect(data.deleted.files).not.toContain(paths.keys);
});

test('skips the backup on request', async () => {
  const { remove } = await setUp();
  expect((await remove(false)).data.backup).toBeNull();
});

test('deletes nothing when the backup fails', async () => {
  const { remove, calls, paths } = await setUp({
    dump: async () => {
      throw new CliError('state_full', 'no space is left');
    },
  });
  expect(await caught(() => remove())).toMatchObject({
    code: 'backup_failed',
    exitCode: EXIT.failed,
    message: 'The backup failed, so nothing was deleted: no space is left',
    hint: 'Delete without a backup: agents-llm down --volumes --no-backup --force',
  });
  expect(calls).toEqual([]);
  expect(existsSync(paths.secrets)).toBe(true);
});

test('skips the backup of a database that LiteLLM never wrote to', async () => {
  const { remove, calls } = await setUp({
    sql: async () => {
      throw new CliError('database_failed', 'psql failed: ERROR:  relation "LiteLLM_TeamTable" does not exist');
    },
  });
  const { data, warnings } = await remove();
  expect(data.backup).toBeNull();
  expect(warnings).toEqual([]);
  expect(calls).toEqual(['remove, volumes: true']);
});
