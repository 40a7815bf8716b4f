import { expect, test } from 'vitest';
import { CliError } from '../../../../../src/model/errors.ts';
import { environmentIn } from '../../../../../src/runtime/native/install/install-steps.ts';
import { nativePostgresTools } from '../../../../../src/runtime/native/postgres/native-database.ts';
import { caught } from '../../../../support/caught.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { fakeRunner } from '../../../../support/fake-runner.ts';
import { serviceState } from '../../../../support/service-state.ts';

const SOCKETS = '/tmp/agents-llm-0123456789ab';

test('sends nothing, above all no password, when another user owns the socket folder', async () => {
  const files = fakeFiles({
    '/etc/passwd': 'ann:x:1000:1000::/home/ann:/bin/sh\n',
    '/d/postmaster.pid': `11\n/d\n1\n5433\n${SOCKETS}\n127.0.0.1\n1 0\nready   \n`,
  });
  const unsafe = new CliError('state_not_ours', `${SOCKETS} belongs to another user (id 1001, and you are 1000)`);
  const looked: unknown[] = [];
  const runner = fakeRunner([]);
  const run = nativePostgresTools({
    files: {
      ...files,
      async requireOwnFolder(path, also) {
        looked.push([path, also]);
        throw unsafe;
      },
    },
    runner,
    signal: new AbortController().signal,
    clock: fakeClock(),
    data: '/d',
    uid: 1000,
    services: async () => [serviceState({ service: 'litellm-db' })],
    environment: async () => environmentIn('/n', '3.12.0'),
  });
  expect(
    await caught(() => run(['psql'], { stdin: { text: "ALTER ROLE litellm PASSWORD 'secret';" }, timeoutMs: 1000 })),
  ).toBe(unsafe);
  expect([looked, runner.calls]).toEqual([[[SOCKETS, undefined]], []]);
});
