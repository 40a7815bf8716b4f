import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import { startDatabase } from '../../../../src/stack/startup/start-database.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';

const spec = { project: 'agents-llm', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const RUNS = { status: 'running', health: 'healthy' } as const;
const BOOTS = { status: 'running', health: 'starting' } as const;

/** The states of the database, one a look; the last one stays. */
async function start(...states: Partial<ServiceState>[]) {
  const invocation = fakeInvocation({ home: '/nowhere', env: {} });
  const left = [...states];
  const starts: string[] = [];
  const runtime = fakeRuntime({
    services: async () => {
      const state = left.length > 1 ? left.shift() : left[0];
      return [serviceState({ service: 'litellm-db', ...state }), serviceState()];
    },
    async *logs() {},
    start: async (_, { only, recreate }) => void starts.push(`${only}, new: ${recreate.length}`),
  });
  const deadline = invocation.context.clock.now() + 10_000;
  return { starts, end: () => startDatabase(invocation, runtime, { spec, deadline }) };
}

test('waits for a running database', async () => {
  const { starts, end } = await start(RUNS, BOOTS, RUNS);
  await end();
  expect(starts).toEqual([]);
});

test('starts only the database when it is stopped', async () => {
  const { starts, end } = await start({ status: 'exited' }, BOOTS, RUNS);
  await end();
  expect(starts).toEqual(['litellm-db, new: 0']);
});

test.each([
  ['stopped', { status: 'exited', exitCode: 0 }],
  ['terminated', { status: 'exited', exitCode: 143 }],
  ['killed', { status: 'restarting', exitCode: 137 }],
  ['lost track of', { status: 'exited', exitCode: 255 }],
] as const)('starts the database again when a restarted engine has %s it', async (_, ended) => {
  const { starts, end } = await start(RUNS, BOOTS, ended, ended, BOOTS, RUNS);
  await end();
  expect(starts).toEqual(['litellm-db, new: 0']);
});

test('gives up when something else keeps stopping the database', async () => {
  const { starts, end } = await start({ status: 'exited', exitCode: 0 });
  expect(await caught(end)).toMatchObject({
    code: 'service_failed',
    exitCode: EXIT.notReady,
    message: 'litellm-db failed: it ended with exit code 0',
    hint: 'See its log: agents-llm logs litellm-db',
    details: { service: 'litellm-db', status: 'exited', exitCode: 0 },
  });
  expect(starts).toHaveLength(3);
});

test.each([
  ['ends by itself', { status: 'restarting', exitCode: 1 }, 'litellm-db failed: it ended with exit code 1'],
  ['is unhealthy', { status: 'running', health: 'unhealthy' }, 'The database failed to start'],
  ['does not respond in time', BOOTS, 'Timed out: the database is not ready'],
] as const)('fails at once when the database %s', async (_, state, message) => {
  const { starts, end } = await start(RUNS, state);
  expect(await caught(end)).toMatchObject({ code: 'service_failed', exitCode: EXIT.notReady, message });
  expect(starts).toEqual([]);
});
