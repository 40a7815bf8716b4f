import { describe, expect, test } from 'vitest';
import { EXIT, interruption } from '../../../../src/model/errors.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import { stackDatabase } from '../../../../src/runtime/docker/databases.ts';
import { dockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import { fakeClock, stillClock } from '../../../support/fake-clock.ts';
import { type FakeCommand, fakeRunner } from '../../../support/fake-runner.ts';
import { serviceState } from '../../../support/service-state.ts';

const ID = 'litellm-db-id-0123456789';
const exec = `docker exec -i -e PGCONNECT_TIMEOUT -e AGENTS_LLM_CALL ${ID}`;

function setUp(table: readonly FakeCommand[], status: ServiceState['status'] = 'running', clock = stillClock) {
  const runner = fakeRunner(table);
  const controller = new AbortController();
  const docker = dockerCli({ runner, env: {}, signal: controller.signal });
  const services = async () => [serviceState({ service: 'litellm-db', status }), serviceState()];
  const { signal } = controller;
  return {
    runner,
    controller,
    database: stackDatabase({ docker, env: {}, services, clock, signal, newId: () => 'call-1' }),
  };
}

describe('the database of a stack', () => {
  test('writes a dump to a file', async () => {
    const { runner, database } = setUp([
      { line: `${exec} pg_dump -Fc --no-owner --lock-wait-timeout=60s -U litellm -d litellm` },
    ]);
    await database.dump('/b/x.dump');
    expect(runner.calls[0]?.options.stdoutFile).toBe('/b/x.dump');
    runner.assertDone();
  });

  test('writes a dump without the rows of some tables', async () => {
    const { runner, database } = setUp([
      {
        line: `${exec} pg_dump -Fc --no-owner --lock-wait-timeout=60s --exclude-table-data="A"* --exclude-table-data="B" -U litellm -d litellm`,
      },
    ]);
    await database.dump('/b/x.dump', ['"A"*', '"B"']);
    runner.assertDone();
  });

  test('restores a file completely or not at all', async () => {
    const line = `${exec} pg_restore --no-owner --exit-on-error --single-transaction -U litellm -d other`;
    const { runner, database } = setUp([{ line }]);
    await database.restore('/b/x.dump', 'other');
    expect(runner.calls[0]?.options.stdin).toEqual({ file: '/b/x.dump' });
    runner.assertDone();
  });

  test.each([
    ['a complete archive', 0, true],
    ['anything else', 1, false],
  ])('recognises %s', async (_, exitCode, expected) => {
    const { database } = setUp([{ line: `${exec} pg_restore --list`, result: { exitCode } }]);
    expect(await database.isArchive('/b/x.dump')).toBe(expected);
  });

  test('runs SQL in another database', async () => {
    const line = `${exec} psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d postgres -f -`;
    const { database } = setUp([{ line, result: { stdout: '7\n' } }]);
    expect(await database.sql('SELECT 7', 'postgres')).toBe('7\n');
  });
});

describe('a failing database command', () => {
  const dump = `${exec} pg_dump -Fc --no-owner --lock-wait-timeout=60s -U litellm -d litellm`;

  test('reports a stopped database', async () => {
    const { runner, database } = setUp([], 'exited');
    await expect(database.sql('SELECT 1')).rejects.toMatchObject({
      code: 'not_running',
      exitCode: EXIT.notRunning,
      message: 'The database is not running',
      hint: 'Start the stack: agents-llm up',
    });
    runner.assertDone();
  });

  test.each([
    ['the engine, whose container is killed with the tool in it', 137, ''],
    ['pg_dump, which loses its server', 1, 'pg_dump: error: server closed the connection unexpectedly\n'],
    [
      'psql, which finds no server',
      2,
      'psql: error: connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?\n',
    ],
    ['the engine, which finds no container', 1, 'Error response from daemon: container 0a1b is not running\n'],
  ])('reports a database that ends during the command, when told by %s', async (_, exitCode, stderr) => {
    const gone = { code: 'not_running', exitCode: EXIT.notRunning, hint: 'Start the stack: agents-llm up' };
    const archive = `${exec} pg_restore --list`;
    const { database } = setUp([
      { line: dump, result: { exitCode, stderr } },
      { line: archive, result: { exitCode, stderr } },
    ]);
    await expect(database.dump('/b/x')).rejects.toMatchObject(gone);
    // Which says nothing about the archive.
    await expect(database.isArchive('/b/x')).rejects.toMatchObject(gone);
  });

  test('reports the last line of the tool', async () => {
    const result = { exitCode: 1, stderr: 'pg_dump: detail\npg_dump: error: out of memory\n' };
    const { database } = setUp([{ line: dump, result }]);
    await expect(database.dump('/b/x')).rejects.toMatchObject({
      code: 'database_failed',
      exitCode: EXIT.notReady,
      message: 'pg_dump failed: pg_dump: error: out of memory',
      hint: 'See its log: agents-llm logs litellm-db',
    });
  });

  test('reports the SQL error without the marker below the line', async () => {
    const stderr =
      'psql:<stdin>:1: ERROR:  relation "nope" does not exist\nLINE 1: select * from nope\n                      ^\n';
    const line = `${exec} psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d litellm -f -`;
    const { database } = setUp([{ line, result: { exitCode: 3, stderr } }]);
    await expect(database.sql('select * from nope')).rejects.toMatchObject({
      code: 'database_failed',
      message: 'psql failed: psql:<stdin>:1: ERROR:  relation "nope" does not exist',
    });
  });

  test.each(['ENOSPC', 'EDQUOT'])('reports a full disk (%s), even when the tool succeeds', async (fileError) => {
    const { database } = setUp([{ line: dump, result: { fileError } }]);
    await expect(database.dump('/b/x')).rejects.toMatchObject({
      code: 'state_full',
      exitCode: EXIT.failed,
      message: `Cannot write /b/x: no space is left (${fileError})`,
      hint: 'Free space on that disk, then run the same command again',
    });
  });
});

describe('a database that does not respond', () => {
  const psql = `${exec} psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d litellm -f -`;
  const pgDump = `${exec} pg_dump -Fc --no-owner --lock-wait-timeout=60s -U litellm -d litellm`;
  const silent = {
    code: 'database_failed',
    exitCode: EXIT.notReady,
    message: 'The database is not responding',
    hint: 'See what it is doing: agents-llm logs litellm-db\nOr restart it: agents-llm restart',
  };
  /** What ends the program that the killed `docker exec` has left in the container. */
  const isCleaning = (line: string) =>
    line.startsWith(`docker exec ${ID} sh -c for file in /proc/`) && / call-1$/.test(line);

  /** Answers what is in the table, and each cleaning up. */
  function withCleaning(...given: Parameters<typeof setUp>) {
    const found = setUp(...given);
    const cleaned: (boolean | undefined)[] = [];
    const { run } = found.runner;
    found.runner.run = async (command, options) => {
      if (!isCleaning([command.file, ...command.args].join(' '))) return run(command, options);
      cleaned.push(options.signal?.aborted);
      expect(options.timeoutMs).toBeLessThanOrEqual(5000);
      return { outcome: 'exited', exitCode: 0, stdout: '', stderr: '' };
    };
    return { ...found, cleaned };
  }

  test('sets separate deadlines for the connection, each statement and the program', async () => {
    const { runner, database } = setUp([{ line: psql }]);
    await database.sql('SELECT 1;\n');
    const { stdin, timeoutMs, env } = runner.calls[0]?.options ?? {};
    expect(env).toEqual({ PGCONNECT_TIMEOUT: '10', AGENTS_LLM_CALL: 'call-1' });
    expect(stdin).toEqual({ text: "SET statement_timeout = '60s';\nSET lock_timeout = '30s';\nSELECT 1;\n" });
    expect(timeoutMs).toBe(75_000);
  });

  test.each([
    [
      'takes a connection and is silent',
      { exitCode: 2, stderr: 'psql: error: connection to server failed: timeout expired\n' },
      0,
    ],
    ['stops responding during the command', { outcome: 'timeout', exitCode: 137 } as const, 1],
  ])('reports a database that %s', async (_, result, cleanings) => {
    const { database, cleaned } = withCleaning([{ line: psql, result }]);
    await expect(database.sql('SELECT 1;\n')).rejects.toMatchObject(silent);
    expect(cleaned).toHaveLength(cleanings);
  });

  test('ends a dump that is being written, which has no deadline', async () => {
    const hangs = ({ signal }: { signal?: AbortSignal }) =>
      new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const table = [
      { line: pgDump, result: hangs },
      { line: psql, result: { stdout: '1\n' } },
      { line: psql, result: { exitCode: 2, stderr: 'psql: error: timeout expired\n' } },
      { line: psql, repeat: true },
    ];
    const { runner, database, cleaned } = withCleaning(table, 'running', fakeClock());
    await expect(database.dump('/b/x')).rejects.toMatchObject(silent);
    expect(cleaned).toEqual([false]);
    expect(runner.calls[0]?.options.timeoutMs).toBeNull();
  });

  test('leaves no process in its container after Ctrl-C', async () => {
    const reason = interruption('SIGINT');
    const { database, controller, cleaned } = withCleaning([
      {
        line: psql,
        result: () => {
          controller.abort(reason);
          throw reason;
        },
      },
    ]);
    await expect(database.sql('SELECT 1')).rejects.toBe(reason);
    expect(cleaned).toEqual([false]);
  });
});
