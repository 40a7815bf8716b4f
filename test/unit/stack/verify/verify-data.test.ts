import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemHttp } from '../../../../src/io/network/http.ts';
import { createAdminClient } from '../../../../src/litellm/admin/client.ts';
import { keyHash } from '../../../../src/litellm/admin/keys.ts';
import { keptKeys } from '../../../../src/litellm/keys/kept-keys.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { Runtime } from '../../../../src/runtime/runtime.ts';
import { READ_IDENTITY } from '../../../../src/stack/data/data-identity.ts';
import { READ_RECENT_REQUESTS, READ_ROWS } from '../../../../src/stack/data/data-rows.ts';
import type { MadeStack } from '../../../../src/stack/open/made-stack.ts';
import { clearCanaries, DELETE_CANARIES } from '../../../../src/stack/verify/clear-canaries.ts';
import { verifyData } from '../../../../src/stack/verify/verify-data.ts';
import type { VerifyMode } from '../../../../src/stack/verify/verify-result.ts';
import { databaseRows } from '../../../support/fake-database.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { MASTER_KEY, startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { trustingHttp } from '../../../support/trusting-http.ts';

const volume = 'agents-llm_litellm_pgdata';
const place = { volume, mounted: volume, sharedWith: [] };
let fake: FakeLitellm;

beforeEach(async () => {
  fake = await startFakeLitellm();
  fake.state.credentials.openai = { credential_info: {}, credential_values: { api_key: 'sk-0123456789' } };
  fake.state.models.push({ id: 'm', name: 'gpt-5', params: { litellm_credential_name: 'openai' }, live: true });
  fake.addKey({ key_alias: 'agents-service' });
  fake.state.teams.push('core');
});
afterEach(() => fake.close());

interface World {
  /** Hashes of keys that LiteLLM itself deleted. */
  readonly deleted?: readonly string[];
  /** Called while the services restart. */
  readonly onStart?: () => void;
  readonly place?: typeof place;
  readonly recent?: number;
}

async function setUp({ onStart = () => {}, place: where = place, recent = 0, deleted = [] }: World = {}) {
  const home = await temporaryFolder();
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home }, http: trustingHttp(systemHttp()) });
  const calls: string[] = [];
  let id = 'the-id\n';
  const runtime = fakeRuntime({
    services: async () => [serviceState({ service: 'litellm-db' }), serviceState()],
    dataPlace: async () => where,
    start: async (_, { recreate }) => {
      calls.push(`start ${recreate}`);
      onStart();
    },
    stop: async () => void calls.push('stop'),
    database: {
      sql: async (script) => {
        if (script === READ_ROWS) return databaseRows(fake.state);
        if (script === READ_IDENTITY) return id;
        if (script.includes('"LiteLLM_DeletedVerificationToken"'))
          return deleted.filter((hash) => script.includes(hash)).join('\n');
        if (script === READ_RECENT_REQUESTS) return `${recent}\n`;
        calls.push(script);
        return '';
      },
    },
  });
  const peer = { check: async () => undefined };
  const shared = { keySource: 'file', startCommand: 'agents-llm up', peer };
  const target = { url: fake.url, masterKey: new Secret(MASTER_KEY), ...shared };
  const { http, clock, signal } = invocation.context;
  const port = Number(new URL(fake.url).port);
  const stack = {
    runtime,
    spec: { project: 'agents-llm', bind: '127.0.0.1', port, image: 'l', databaseImage: 'p' },
    secrets: { masterKey: target.masterKey },
    peer,
    client: createAdminClient({ http, clock, target, signal }),
  } as unknown as MadeStack;
  const deadline = clock.now() + 60_000;
  const verify = (mode: VerifyMode = 'recreate') => verifyData(invocation, stack, { mode, deadline });
  const swap = (other: string) => {
    id = other;
  };
  return { invocation, runtime, stack, calls, verify, swap };
}

const failed = ({ checks }: { checks: readonly { id: string; ok: boolean }[] }) =>
  checks.filter(({ ok }) => !ok).map(({ id }) => id);

describe('verifyData', () => {
  test.each([
    ['recreate', ['start litellm-db,litellm']],
    ['restart', ['stop', 'start ']],
    ['no-restart', []],
  ] as const)('finds all data unchanged and leaves no canary (%s)', async (mode, expected) => {
    const { calls, verify } = await setUp();
    const before = structuredClone(fake.state);
    const found = await verify(mode);
    expect(failed(found)).toEqual([]);
    expect(found).toMatchObject({
      project: 'agents-llm',
      mode,
      inventory: { providers: 1, aliases: 1, keys: 1, teams: 1 },
      losses: [],
      warnings: [],
    });
    expect(calls).toEqual(expected);
    expect(fake.state).toEqual(before);
  });

  test('names the rows that a restart lost', async () => {
    const { verify } = await setUp({ onStart: () => fake.state.keys.shift() });
    const found = await verify();
    expect(failed(found)).toEqual(['inventory']);
    expect(found.losses).toMatchObject([{ kind: 'key', name: 'agents-service', what: 'lost' }]);
  });

  describe('a saved virtual key without a row in the database', () => {
    const key = new Secret('sk-kept-0123456789');
    const kept = ({ invocation }: Awaited<ReturnType<typeof setUp>>) =>
      keptKeys(invocation.context.files, invocation.settings.paths.keys, { url: fake.url, own: true });

    test('is reported as lost without a restart when LiteLLM has no record of it', async () => {
      const world = await setUp();
      await kept(world).write('of-then', key);
      const found = await world.verify();
      expect(failed(found)).toEqual(['inventory']);
      expect(found.losses).toMatchObject([{ kind: 'key', name: 'of-then', what: 'lost' }]);
      expect(world.calls).toEqual([]);
    });

    test('is a warning when LiteLLM deleted it', async () => {
      const world = await setUp({ deleted: [keyHash(key)] });
      await kept(world).write('of-the-ui', key);
      const found = await world.verify();
      expect(failed(found)).toEqual([]);
      expect(found.warnings).toEqual([
        'The saved virtual key of-the-ui was deleted in LiteLLM. Create a new one: agents-llm provision-key --alias of-the-ui, or remove the saved copy: agents-llm key revoke of-the-ui',
      ]);
    });

    test('is a warning when LiteLLM replaced it', async () => {
      const world = await setUp();
      await kept(world).write('agents-service', key);
      const found = await world.verify('no-restart');
      expect(failed(found)).toEqual([]);
      expect(found.warnings).toEqual([
        'The saved virtual key agents-service was replaced in LiteLLM. Create a new one: agents-llm provision-key --alias agents-service --rotate',
      ]);
    });
  });

  test('notices that the database was exchanged', async () => {
    const world = await setUp({ onStart: () => world.swap('other') });
    expect(failed(await world.verify())).toContain('identity');
  });

  test('reports a lost canary', async () => {
    const { verify } = await setUp({
      onStart: () => {
        for (const name of Object.keys(fake.state.credentials))
          if (name !== 'openai') delete fake.state.credentials[name];
      },
    });
    expect(failed(await verify())).toEqual(['canary']);
  });

  test('restarts nothing when the first check finds a loss', async () => {
    const { calls, verify } = await setUp({ place: { ...place, mounted: 'f'.repeat(64) } });
    expect(failed(await verify())).toEqual(['volume']);
    expect(calls).toEqual([]);
    expect(fake.seen.filter(({ path }) => path === '/key/generate')).toEqual([]);
  });

  test('warns before it interrupts clients', async () => {
    const { invocation, verify } = await setUp({ recent: 3 });
    const written: string[] = [];
    invocation.context.streams.stderr.write = (text: string) => written.push(text) > 0;
    await verify();
    expect(written.join('')).toContain('The gateway answered 3 requests in the last 5 minutes');
  });

  test('removes the canary when the restart fails', async () => {
    const { verify } = await setUp({
      onStart: () => {
        throw new Error('engine gone');
      },
    });
    const before = structuredClone(fake.state);
    await expect(verify()).rejects.toThrow('engine gone');
    expect(fake.state).toEqual(before);
  });

  test('removes the leftover canaries of a killed run', async () => {
    fake.addKey({ key_alias: 'agents-llm-canary-dead' });
    const { verify } = await setUp();
    expect((await verify('no-restart')).inventory.keys).toBe(1);
    expect(fake.state.keys.map(({ key_alias }) => key_alias)).toEqual(['agents-service']);
  });
});

test('removes its canaries from the database when the gateway does not answer, even after Ctrl-C', async () => {
  const { invocation, stack, runtime, calls } = await setUp();
  fake.faults.databaseLost = true;
  const signal = AbortSignal.abort(new Error('Ctrl-C'));
  const signals: boolean[] = [];
  await clearCanaries({ ...invocation, context: { ...invocation.context, signal } }, stack, ({ context }) => {
    signals.push(context.signal.aborted);
    return runtime;
  });
  expect(calls).toEqual(['start ', DELETE_CANARIES]);
  expect(signals).toEqual([false]);
});

test('removes canaries from an external database without starting a service', async () => {
  const { invocation, stack, runtime, calls } = await setUp();
  fake.faults.databaseLost = true;
  const urls: string[] = [];
  const external: Runtime['external'] = {
    at: (url) => {
      urls.push(url.reveal());
      return runtime.database;
    },
    migrationsOf: async () => [],
  };
  const theirs: MadeStack = {
    ...stack,
    spec: { ...stack.spec, externalDatabase: true },
    secrets: { ...stack.secrets, databaseUrl: new Secret('postgresql://u:p@db.lan/litellm') },
  };
  await clearCanaries(invocation, theirs, () => fakeRuntime({ external }));
  expect(urls).toEqual(['postgresql://u:p@db.lan/litellm']);
  expect(calls).toEqual([DELETE_CANARIES]);
});
