import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../../src/errors.ts';
import { databaseOf } from '../../../../src/runtime/docker/database.ts';
import { dockerCli } from '../../../../src/runtime/docker/docker-cli.ts';
import type { ServiceState } from '../../../../src/service.ts';
import { type FakeCommand, fakeRunner } from '../../../support/fake-runner.ts';
import { serviceState } from '../../../support/service-state.ts';

const exec = 'docker exec -i litellm-db-id-0123456789';

function setUp(table: readonly FakeCommand[], status: ServiceState['status'] = 'running') {
  const runner = fakeRunner(table);
  const docker = dockerCli({ runner, env: {}, signal: new AbortController().signal });
  const services = async () => [serviceState({ service: 'litellm-db', status }), serviceState()];
  return { runner, database: databaseOf(docker, services) };
}

describe('the database of a stack', () => {
  test('is dumped into a file', async () => {
    const { runner, database } = setUp([{ line: `${exec} pg_dump -Fc --no-owner -U litellm -d litellm` }]);
    await database.dump('/b/x.dump');
    expect(runner.calls[0]?.options.stdoutFile).toBe('/b/x.dump');
    runner.assertDone();
  });

  test('is filled from a file, all or nothing', async () => {
    const line = `${exec} pg_restore --no-owner --exit-on-error --single-transaction -U litellm -d other`;
    const { runner, database } = setUp([{ line }]);
    await database.restore('/b/x.dump', 'other');
    expect(runner.calls[0]?.options.stdin).toEqual({ file: '/b/x.dump' });
    runner.assertDone();
  });

  test.each([
    ['a whole archive', 0, true],
    ['anything else', 1, false],
  ])('tells %s', async (_, exitCode, expected) => {
    const { database } = setUp([{ line: `${exec} pg_restore --list`, result: { exitCode } }]);
    expect(await database.isArchive('/b/x.dump')).toBe(expected);
  });

  test('is asked in another of its databases', async () => {
    const line = `${exec} psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d postgres -f -`;
    const { database } = setUp([{ line, result: { stdout: '7\n' } }]);
    expect(await database.sql('SELECT 7', 'postgres')).toBe('7\n');
  });
});

describe('what fails', () => {
  const dump = `${exec} pg_dump -Fc --no-owner -U litellm -d litellm`;

  test('a database that is stopped', async () => {
    const { runner, database } = setUp([], 'exited');
    await expect(database.sql('SELECT 1')).rejects.toMatchObject({
      code: 'not_running',
      exitCode: EXIT.notRunning,
      message: 'the database does not run',
      hint: 'start it: agents-llm up',
    });
    runner.assertDone();
  });

  test('the tool itself: its last words', async () => {
    const result = { exitCode: 1, stderr: 'pg_dump: detail\npg_dump: error: out of memory\n' };
    const { database } = setUp([{ line: dump, result }]);
    await expect(database.dump('/b/x')).rejects.toMatchObject({
      code: 'database_failed',
      exitCode: EXIT.notReady,
      message: 'pg_dump failed: pg_dump: error: out of memory',
      hint: 'see what the database says: agents-llm logs litellm-db',
    });
  });

  test('SQL that fails: its error, and not the mark below the line', async () => {
    const stderr =
      'psql:<stdin>:1: ERROR:  relation "nope" does not exist\nLINE 1: select * from nope\n                      ^\n';
    const line = `${exec} psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d litellm -f -`;
    const { database } = setUp([{ line, result: { exitCode: 3, stderr } }]);
    await expect(database.sql('select * from nope')).rejects.toMatchObject({
      code: 'database_failed',
      message: 'psql failed: psql:<stdin>:1: ERROR:  relation "nope" does not exist',
    });
  });

  test.each(['ENOSPC', 'EDQUOT'])('a full disk (%s), although the tool ended well', async (fileError) => {
    const { database } = setUp([{ line: dump, result: { fileError } }]);
    await expect(database.dump('/b/x')).rejects.toMatchObject({
      code: 'state_full',
      exitCode: EXIT.failed,
      message: `/b/x cannot be written: no space is left (${fileError})`,
      hint: 'make room on that disk, then run the same command again',
    });
  });
});
