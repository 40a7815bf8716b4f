import { expect, test } from 'vitest';
import { modeOf, runVerifyPersistence, type VerifyFlags } from '../../../src/commands/verify-persistence.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { READ_RECENT_REQUESTS } from '../../../src/stack/data/data-rows.ts';
import { caught } from '../../support/caught.ts';
import { addUserData, type FakeStack, type FakeStackOptions, fakeStack } from '../../support/fake-stack.ts';

const verify = ({ invocation, runtimeFor }: FakeStack, flags: Partial<VerifyFlags> = {}) =>
  runVerifyPersistence({ timeout: 60_000, ...flags }, invocation, runtimeFor);

async function madeStack(options: FakeStackOptions = {}): Promise<FakeStack> {
  const stack = await fakeStack(options);
  addUserData(stack);
  const { sql } = stack.runtime.database;
  stack.runtime.database.sql = async (script, ...rest) =>
    script === READ_RECENT_REQUESTS ? '0\n' : sql(script, ...rest);
  return stack;
}

test.each([
  [{}, 'recreate'],
  [{ recreate: true }, 'recreate'],
  [{ restart: true }, 'restart'],
  [{ restart: false }, 'no-restart'],
] as const)('chooses the mode for %j: %s', (flags, mode) => expect(modeOf({ timeout: 1, ...flags })).toBe(mode));

test('confirms data that survives new containers, and releases the lock', async () => {
  const stack = await madeStack();
  const { data, warnings } = await verify(stack, { recreate: true });
  expect(data).toMatchObject({ mode: 'recreate', inventory: { providers: 1, aliases: 1, keys: 1 }, losses: [] });
  expect(warnings).toEqual([]);
  expect(stack.calls).toEqual(['start litellm-db+litellm, new litellm-db+litellm']);
  expect(await stack.invocation.context.files.owner(stack.invocation.settings.paths.lock)).toBeUndefined();
});

test('fails with the findings when data is missing', async () => {
  const stack = await madeStack({ onStart: () => stack.proxy.state.keys.shift() });
  expect(await caught(() => verify(stack))).toMatchObject({
    code: 'data_lost',
    exitCode: EXIT.data,
    message: expect.stringMatching(/^The data of agents-llm is not complete\n(.*\n)* *FAIL +inventory/),
    hint: 'Nothing was repaired. See the service logs: agents-llm logs\nRestore a backup: agents-llm restore latest',
    details: { mode: 'recreate', losses: [{ kind: 'key', name: 'agents-service', what: 'lost' }] },
  });
});

test('does not start a stopped stack', async () => {
  const stack = await madeStack({ runs: false });
  expect(await caught(() => verify(stack))).toMatchObject({
    code: 'not_running',
    exitCode: EXIT.notRunning,
    message: 'The stack is not running',
    hint: 'Start it: agents-llm up',
  });
  expect(stack.calls).toEqual([]);
});

test('does not check a stack that is not ready', async () => {
  const stack = await madeStack();
  stack.proxy.faults.databaseLost = true;
  expect(await caught(() => verify(stack))).toMatchObject({
    code: 'not_ready',
    exitCode: EXIT.notReady,
    message: 'The stack is not ready (database-lost)',
    hint: 'Wait until it is ready: agents-llm up',
    details: { health: 'database-lost' },
  });
  expect(stack.calls).toEqual([]);
});
