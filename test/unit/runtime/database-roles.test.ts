import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RunResult } from '../../../src/io/processes/runner.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { composeFile } from '../../../src/package-files.ts';
import { MOVE_ROLES, OWN_DATABASE, SETTLE_ROLES, settleDatabaseRoles } from '../../../src/runtime/database-roles.ts';
import { postgresDatabase, type RunScript } from '../../../src/runtime/postgres-tools.ts';
import { caught } from '../../support/caught.ts';
import { fakeClock } from '../../support/fake-clock.ts';

const NO_ADMIN = { exitCode: 2, stderr: 'psql: error: FATAL:  role "agents_llm_admin" does not exist' };

/** `USER@DATABASE` of each script, and the script, in order. */
function setUp(...answers: Partial<RunResult>[]) {
  const asked: [string, string][] = [];
  const run: RunScript = async (user, database, script) => {
    asked.push([`${user}@${database}`, script]);
    return { outcome: 'exited', exitCode: 0, stdout: '', stderr: '', ...answers.shift() };
  };
  return { asked, run };
}

describe('settleDatabaseRoles', () => {
  test('checks the roles once when they are correct', async () => {
    const { asked, run } = setUp();
    await settleDatabaseRoles(run);
    expect(asked).toEqual([['agents_llm_admin@postgres', SETTLE_ROLES]]);
  });

  test('moves data of an older version in one transaction, as its former superuser', async () => {
    const { asked, run } = setUp(NO_ADMIN);
    await settleDatabaseRoles(run);
    expect(asked).toEqual([
      ['agents_llm_admin@postgres', SETTLE_ROLES],
      ['litellm@litellm', `BEGIN;\n${MOVE_ROLES}${OWN_DATABASE}COMMIT;\n`],
      ['agents_llm_admin@postgres', SETTLE_ROLES],
    ]);
  });

  test('moves the roles when the socket does not know the administrator yet', async () => {
    const { asked, run } = setUp({
      exitCode: 2,
      stderr: 'psql: error: FATAL:  Peer authentication failed for user "agents_llm_admin"',
    });
    await settleDatabaseRoles(run);
    expect(asked).toHaveLength(3);
  });

  test('takes over the database of LiteLLM, and leaves others that it cannot take over', async () => {
    const { asked, run } = setUp({ stdout: 'litellm_before\nlitellm\n' }, { exitCode: 3 });
    await settleDatabaseRoles(run);
    expect(asked.slice(1).map(([where]) => where)).toEqual([
      'agents_llm_admin@litellm_before',
      'agents_llm_admin@litellm',
    ]);
  });

  test.each([
    ['settle roles', [{ exitCode: 3, stderr: 'ERROR:  out of disk' }]],
    ['move roles', [NO_ADMIN, { exitCode: 3, stderr: 'ERROR:  out of disk' }]],
    ['change owners', [{ stdout: 'litellm\n' }, { exitCode: 3, stderr: 'ERROR:  out of disk' }]],
  ])('reports a step that fails: %s', async (_, answers) => {
    const { run } = setUp(...answers);
    expect(await caught(() => settleDatabaseRoles(run))).toMatchObject({
      code: 'database_failed',
      exitCode: EXIT.notReady,
      message: 'psql failed: ERROR:  out of disk',
      hint: 'See its log: agents-llm logs litellm-db',
    });
  });

  test('uses the same SQL as docker-compose.yml', () => {
    const { environment } = parse(readFileSync(composeFile(), 'utf8')).services['litellm-db'];
    const inCompose = (name: string) => environment[name].replaceAll('$$', '$');
    expect(inCompose('SETTLE_ROLES')).toBe(SETTLE_ROLES);
    expect(inCompose('MOVE_ROLES')).toBe(MOVE_ROLES);
    expect(inCompose('OWN_DATABASE')).toBe(OWN_DATABASE);
  });
});

describe('a statement that needs the administrator', () => {
  const administer = async (...answers: Partial<RunResult>[]) => {
    const { asked, run } = setUp(...answers);
    const wordAfter = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1] ?? '';
    const database = postgresDatabase({ clock: fakeClock(), signal: new AbortController().signal }, ([, ...args]) =>
      run(wordAfter(args, '-U'), wordAfter(args, '-d'), ''),
    );
    return { answer: await database.administer('SELECT 1;'), asked: asked.map(([where]) => where) };
  };

  test('runs a statement as the administrator', async () => {
    expect(await administer({ stdout: 'done\n' })).toEqual({
      answer: 'done\n',
      asked: ['agents_llm_admin@postgres'],
    });
  });

  test('runs a statement as the owner when data of an older version has no administrator', async () => {
    expect(await administer(NO_ADMIN, { stdout: 'done\n' })).toEqual({
      answer: 'done\n',
      asked: ['agents_llm_admin@postgres', 'litellm@postgres'],
    });
  });
});
