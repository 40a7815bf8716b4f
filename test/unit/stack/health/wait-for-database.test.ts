import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import { waitForDatabase } from '../../../../src/stack/health/wait-for-database.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { serviceState } from '../../../support/service-state.ts';

const database = (changes: Partial<ServiceState>) => [serviceState({ service: 'litellm-db', ...changes })];

function wait(...looks: (readonly ServiceState[])[]) {
  const clock = fakeClock();
  const services = async () => (looks.length > 1 ? looks.shift() : looks[0]) ?? [];
  const { signal } = new AbortController();
  return { clock, end: waitForDatabase({ clock, signal, services, deadline: clock.now() + 1000 }) };
}

test('waits until the database is healthy, not only running', async () => {
  const { clock, end } = wait([], database({ status: 'created' }), database({ health: 'starting' }), database({}));
  await end;
  expect(clock.sleeps).toEqual([100, 100, 100]);
});

test.each([
  ['ended', { status: 'exited' }, 'The database failed to start'],
  ['keeps restarting', { status: 'restarting' }, 'The database failed to start'],
  ['fails its health check', { health: 'unhealthy' }, 'The database failed to start'],
  ['takes too long', { health: 'starting' }, 'Timed out: the database is not ready'],
] as const)('fails when it %s', async (_, changes, message) => {
  await expect(wait(database(changes)).end).rejects.toMatchObject({
    code: 'service_failed',
    exitCode: EXIT.notReady,
    message,
    hint: 'See its log: agents-llm logs litellm-db',
  });
});
