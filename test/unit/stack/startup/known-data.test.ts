import { beforeEach, describe, expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { readState, type StackState, writeState } from '../../../../src/project/state.ts';
import { READ_IDENTITY } from '../../../../src/stack/data/data-identity.ts';
import { adoptIdentity, requireKnownVolume, settleIdentity } from '../../../../src/stack/startup/known-data.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const volume = 'agents-llm_litellm_pgdata';
const id = '0a448946-84a7-47e4-8292-5b33ad6d20b3';
const spec = { project: 'agents-llm', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const state: StackState = {
  schemaVersion: 1,
  runtime: 'docker',
  ...spec,
  engine: { endpoint: 'unix:///docker.sock', id: 'E' },
  createdAt: '2026-01-01T00:00:00Z',
};
let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
});

interface World {
  readonly known?: StackState['data'];
  readonly place?: string | null;
  /** What the database's container has mounted; null without one. */
  readonly mounted?: string | null;
  /** The id in the database. */
  readonly found?: string;
  /** It is not the stack's own. */
  readonly external?: true;
}

async function setUp({ known, place = volume, mounted = null, found, external }: World) {
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  await files.makeFolder(paths.folder);
  await writeState(files, paths, { ...state, data: known });
  const calls: string[] = [];
  const runtime = fakeRuntime({
    dataPlace: async () => ({ volume: place, mounted, sharedWith: [], ...(external && { external }) }),
    start: async (_, { only }) => void calls.push(`start ${only}`),
    stop: async (services) => void calls.push(`stop ${services ?? 'all'}`),
    services: async () => [
      serviceState({ service: 'litellm-db', status: calls.includes('start litellm-db') ? 'running' : 'exited' }),
    ],
    database: {
      sql: async (script) => {
        if (script !== READ_IDENTITY) calls.push(`write ${/VALUES \('(.*)'\)/.exec(script)?.[1]}`);
        return script === READ_IDENTITY && found ? `${found}\n` : '';
      },
    },
  });
  const written = async () => (await readState(files, paths))?.data;
  return { invocation, runtime, calls, written };
}

describe('known data before the start', () => {
  const check = async (world: World) => {
    const { invocation, runtime, calls } = await setUp(world);
    const deadline = invocation.context.clock.now() + 1000;
    return { calls, end: requireKnownVolume(invocation, runtime, { known: world.known, spec, deadline }) };
  };

  describe('an external database', () => {
    const known = { id, volume: 'external database' };

    test('is asked which data it contains', async () => {
      const { calls, end } = await check({ known, external: true, found: id });
      await end;
      expect(calls).toEqual([]);
    });

    test.each([undefined, 'another'])('is rejected when it contains other data: %s', async (found) => {
      const { calls, end } = await check({ known, external: true, ...(found && { found }) });
      await expect(end).rejects.toMatchObject({
        code: 'data_replaced',
        exitCode: EXIT.data,
        message: 'The database contains data from another stack',
        hint: expect.stringMatching(/Use the right database: agents-llm up --database-url-from-env VAR\n.*up --adopt/),
      });
      expect(calls).toEqual([]);
    });
  });

  test('skips a volume that its container uses', async () => {
    const { calls, end } = await check({ known: { id, volume }, mounted: volume });
    await end;
    expect(calls).toEqual([]);
  });

  test('accepts any data before the first start', async () => {
    await (await check({ place: null })).end;
  });

  test('recognises a volume without a container by its id', async () => {
    const { calls, end } = await check({ known: { id, volume }, found: id });
    await end;
    expect(calls).toEqual(['start litellm-db']);
  });

  test('rejects a missing volume and starts nothing', async () => {
    const { calls, end } = await check({ known: { id, volume }, place: null });
    await expect(end).rejects.toMatchObject({
      code: 'data_gone',
      exitCode: EXIT.data,
      message: 'Volume agents-llm_litellm_pgdata with the data of this stack no longer exists',
      hint: `Restore a backup: agents-llm restore latest
Or start over without the data: agents-llm down --volumes --force && agents-llm up`,
    });
    expect(calls).toEqual([]);
  });

  test.each([['another'], [undefined]])('rejects a volume with the id %s and stops the database', async (found) => {
    const { calls, end } = await check({ known: { id, volume }, ...(found && { found }) });
    await expect(end).rejects.toMatchObject({
      code: 'data_replaced',
      exitCode: EXIT.data,
      message: 'Volume agents-llm_litellm_pgdata contains data from another stack',
      hint: `Restore a backup: agents-llm restore latest
Or use the existing data: agents-llm up --adopt`,
    });
    expect(calls).toEqual(['start litellm-db', 'stop all']);
  });
});

describe('known data once the database runs', () => {
  test('assigns an id to new data and remembers it', async () => {
    const { invocation, runtime, calls, written } = await setUp({});
    await settleIdentity(invocation, runtime);
    const data = await written();
    expect(data).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), volume });
    expect(calls).toEqual([`write ${data?.id}`]);
  });

  test('keeps the id of the data when the state has lost it', async () => {
    const { invocation, runtime, calls, written } = await setUp({ found: id });
    await settleIdentity(invocation, runtime);
    expect(await written()).toEqual({ id, volume });
    expect(calls).toEqual([]);
  });

  test.each([['another'], [undefined]])('rejects data with the id %s and stops the gateway', async (found) => {
    const { invocation, runtime, calls, written } = await setUp({ known: { id, volume }, ...(found && { found }) });
    await expect(settleIdentity(invocation, runtime)).rejects.toMatchObject({ code: 'data_replaced' });
    expect(calls).toEqual(['stop litellm']);
    expect(await written()).toEqual({ id, volume });
  });

  test('assigns a new id to adopted data', async () => {
    const { invocation, runtime, written } = await setUp({ known: { id, volume }, found: 'another' });
    await adoptIdentity(invocation, runtime);
    expect((await written())?.id).not.toBe(id);
    expect((await written())?.id).not.toBe('another');
  });
});
