import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { externalDatabase, migrationsOf } from '../../../../src/runtime/docker/databases.ts';
import { dockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import { caught } from '../../../support/caught.ts';
import { stillClock } from '../../../support/fake-clock.ts';
import { type FakeCommand, fakeRunner } from '../../../support/fake-runner.ts';

const PASSWORD = 'p@ss-of-mine';
const url = new Secret(`postgresql://app:${encodeURIComponent(PASSWORD)}@db:5432/gateway`);
const env = { PATH: '/bin' };
const names = ['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE', 'PGCONNECT_TIMEOUT'];
const head =
  'docker run --rm -i --name agents-llm-sql-call-1 --pull never --log-driver none --add-host host.docker.internal:host-gateway';
const line = (tool: string, rest: string, network = '') =>
  `${head}${network} ${names.map((name) => `-e ${name}`).join(' ')} --entrypoint ${tool} p:1 ${rest}`;

function setUp(table: readonly FakeCommand[], networks: readonly string[] = []) {
  const runner = fakeRunner(table);
  const { signal } = new AbortController();
  const docker = dockerCli({ runner, env, signal });
  const given = { docker, env, networks: async () => networks, clock: stillClock, signal, newId: () => 'call-1' };
  return { runner, docker, database: externalDatabase(url, 'p:1', given) };
}

test('passes the address in the environment, and SQL on stdin', async () => {
  const psql = line('psql', '-X -q -A -t -v ON_ERROR_STOP=1 -f -');
  const { runner, database } = setUp([{ line: psql, result: { stdout: '1\n' } }]);
  expect(await database.sql('SELECT 1;\n')).toBe('1\n');
  const [call] = runner.calls;
  expect(call?.options).toMatchObject({ stdin: { text: 'SELECT 1;\n' }, env: { PATH: '/bin', PGPASSWORD: PASSWORD } });
  expect(call?.line).not.toContain('app');
  runner.assertDone();
});

test('uses the network of the project when it exists', async () => {
  const dump = line('pg_dump', '-Fc --no-owner --lock-wait-timeout=60s', ' --network shop_default');
  const { runner, database } = setUp([{ line: dump }], ['shop_default']);
  await database.dump('/d/a.dump');
  expect(runner.calls[0]?.options.stdoutFile).toBe('/d/a.dump');
  runner.assertDone();
});

test('checks an archive with the same image', async () => {
  const { runner, database } = setUp([{ line: line('pg_restore', '--list') }]);
  expect(await database.isArchive('/d/a.dump')).toBe(true);
  runner.assertDone();
});

const LIST = 'docker run --rm --pull never --network none --entrypoint python3 l:1 -c';
const list = (result: FakeCommand['result']) => {
  const runner = fakeRunner();
  return dockerCli({
    env,
    signal: new AbortController().signal,
    runner: {
      async run(command, options) {
        const [start, script] = [[command.file, ...command.args.slice(0, -1)].join(' '), command.args.at(-1)];
        expect(start).toBe(LIST);
        expect(script).toContain('litellm_proxy_extras');
        const given = typeof result === 'function' ? await result(options) : result;
        return { outcome: 'exited', exitCode: 0, stdout: '', stderr: '', ...given };
      },
    } satisfies Pick<typeof runner, 'run'>,
  });
};

test('lists the migrations of an image without running LiteLLM', async () => {
  const stdout = '20250101000000_a\n20260101000000_b\nmigration_lock.toml\n';
  expect(await migrationsOf('l:1', list({ stdout }))).toEqual(['20250101000000_a', '20260101000000_b']);
});

test('fails for an image without migrations', async () => {
  const failed = list({ exitCode: 1, stderr: "Traceback\nAttributeError: 'NoneType'\n" });
  expect(await caught(() => migrationsOf('l:1', failed))).toMatchObject({
    code: 'service_failed',
    exitCode: EXIT.notReady,
    message: "Cannot list the migrations in l:1: AttributeError: 'NoneType'",
    hint: expect.stringContaining('--image'),
  });
});
