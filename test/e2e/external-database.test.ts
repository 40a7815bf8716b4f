import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { addUpstream } from './support/add-upstream.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-own-db';
const SERVER = 'e2e-own-db-postgres';
const PORT = String(await freePort());
const DATABASE_PORT = String(await freePort());
const NOBODYS_PORT = String(await freePort());
const PASSWORD = 'p@ss/w0rd#$of-mine';
const URL_OF = (password: string, port = DATABASE_PORT) =>
  `postgresql://app:${encodeURIComponent(password)}@host.docker.internal:${port}/gateway?connection_limit=5`;

// The tests build on each other: each one uses the stack from the previous one.
describeOn(onDocker)('a stack with an external PostgreSQL database', () => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  let upstream: Upstream;
  let secrets: Record<string, string> = {};
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_DATABASE: URL_OF(PASSWORD) });
  const up = (url: string) =>
    cli.run(['-p', PROJECT, 'up', '--port', PORT, '--database-url-from-env', 'MY_DATABASE', '--json'], {
      MY_DATABASE: url,
    });
  const sql = (script: string) =>
    execFileSync('docker', ['exec', '-i', SERVER, 'psql', '-qAt', '-U', 'app', '-d', 'gateway'], {
      input: script,
      encoding: 'utf8',
    }).trim();

  beforeAll(async () => {
    onDocker.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    upstream = await startUpstream(onDocker);
    const variables = ['POSTGRES_USER=app', `POSTGRES_PASSWORD=${PASSWORD}`, 'POSTGRES_DB=gateway'];
    docker(
      ...['run', '-d', '--rm', '--name', SERVER, '-p', `${DATABASE_PORT}:5432`, '--tmpfs', '/var/lib/postgresql/data'],
      ...variables.flatMap((variable) => ['-e', variable]),
      'postgres:16-alpine',
    );
    const isReady = () => {
      try {
        // Uses TCP, because the temporary server of the image does not listen on it.
        return docker('exec', SERVER, 'pg_isready', '-h', '127.0.0.1', '-U', 'app').includes('accepting');
      } catch {
        return false;
      }
    };
    await vi.waitUntil(isReady, { timeout: 60_000, interval: 250 });
  });

  afterAll(async () => {
    const seen = cli.everythingSeen();
    await upstream.close();
    onDocker.remove(cli, PROJECT);
    docker('rm', '-f', SERVER);
    cli.dispose();
    await vi.waitUntil(() => docker('ps', '-aq', '--filter', `name=${SERVER}`) === '', { timeout: 20_000 });
    expectNoLeaks(before);
    const hidden = { ...secrets, password: PASSWORD, encoded: encodeURIComponent(PASSWORD) };
    for (const [name, value] of Object.entries(hidden)) {
      if (value.length > 6) expect(seen.includes(value), `${name} was shown`).toBe(false);
    }
  });

  it.each([
    ['cannot be reached', URL_OF(PASSWORD, NOBODYS_PORT), 'database_unreachable'],
    ['refuses the password', URL_OF('another-password'), 'database_refused'],
    ['has no such database', URL_OF(PASSWORD).replace('/gateway', '/nowhere'), 'database_refused'],
  ])('starts nothing when the database %s', async (_, url, code) => {
    const refused = await up(url);
    expect([refused.code, refused.json.error.code]).toEqual([5, code]);
    expect(refused.json.error.hint).toContain('--database-url-from-env');
    expect(docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${PROJECT}`)).toBe('');
  });

  it('runs only the gateway', async () => {
    const started = await up(URL_OF(PASSWORD));
    expect(started.json).toMatchObject({ ok: true, data: { change: 'started', url: `http://127.0.0.1:${PORT}` } });
    secrets = cli.secretsOf(PROJECT);
    expect(started.stderr).not.toContain('Starting the database');
    const status = await run('status', '--json');
    expect(status.json.data.services.map(({ service }: { service: string }) => service)).toEqual(['litellm']);
    expect(status.json.data).toMatchObject({ state: 'ready', database: 'connected' });
    expect(onDocker.hasVolume(cli, PROJECT)).toBe(false);
    expect(Number(sql('SELECT count(*) FROM _prisma_migrations;'))).toBeGreaterThan(100);
  });

  it('changes nothing and calls no docker when it is already up', async () => {
    const calls = () => cli.everythingSeen().match(/^docker /gm)?.length;
    const callsBefore = calls();
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
    expect((await up(URL_OF(PASSWORD))).json.data.change).toBe('unchanged');
    expect(calls()).toBe(callsBefore);
  });

  it('is configured like any other stack', async () => {
    await addUpstream(cli, PROJECT, upstream);
    expect((await run('provision-key')).code).toBe(0);
  });

  it('verifies that its data survives and reports what it cannot check', async () => {
    const verified = await run('verify-persistence', '--json');
    expect(verified.code).toBe(0);
    expect(verified.json.data.inventory).toMatchObject({ providers: 1, aliases: 1, keys: 1 });
    expect(verified.json.data.checks).toContainEqual({
      id: 'volume',
      ok: true,
      skipped: true,
      seen: 'not checked, because the database is external',
    });
    expect(verified.json.data.checks).toContainEqual({ id: 'identity', ok: true, seen: 'same id in the database' });
  });

  it('is backed up with the client programs in the image', async () => {
    const made = await run('backup', '--json');
    expect(made.json.data.manifest).toMatchObject({
      counts: { providers: 1, aliases: 1, keys: 1 },
      postgres: expect.stringMatching(/^16/),
    });
    const list = execFileSync('docker', ['run', '--rm', '-i', 'postgres:16-alpine', 'pg_restore', '--list'], {
      input: execFileSync('cat', [made.json.data.file]),
      encoding: 'utf8',
    });
    expect(list).toContain('LiteLLM_CredentialsTable');
  });

  it('leaves changes to the database itself to its owner', async () => {
    for (const command of [['restore', 'latest', '--force'], ['rotate-db-password']]) {
      const refused = await run(...command, '--json');
      expect([refused.code, refused.json.error.code], command.join(' ')).toEqual([2, 'database_not_ours']);
    }
  });

  it('refuses a database that a newer LiteLLM has used and data from another stack', async () => {
    expect((await run('down')).code).toBe(0);
    const columns = 'id, checksum, migration_name, started_at, applied_steps_count';
    sql(`INSERT INTO _prisma_migrations (${columns}) VALUES ('x', 'x', '29990101000000_from_later', now(), 1);`);
    const newer = await run('up', '--json');
    expect([newer.code, newer.json.error.code]).toEqual([9, 'database_newer']);
    expect(newer.json.error.message).toContain('29990101000000_from_later');
    sql(`DELETE FROM _prisma_migrations WHERE id = 'x';`);

    const id = sql('SELECT id FROM agents_llm.stack;');
    sql(`UPDATE agents_llm.stack SET id = 'another';`);
    const other = await run('up', '--json');
    expect([other.code, other.json.error.code]).toEqual([9, 'data_replaced']);
    sql(`UPDATE agents_llm.stack SET id = '${id}';`);
    expect((await run('up')).code).toBe(0);
  });

  it('is deleted without its database, after a backup of data and secrets', async () => {
    const gone = await run('down', '--volumes', '--force', '--json');
    expect(gone.json.data).toMatchObject({ change: 'deleted', deleted: { volumes: [] } });
    expect(existsSync(gone.json.data.backup.replace(/\.dump$/, '.env'))).toBe(true);
    expect(existsSync(join(cli.home, PROJECT, '.env'))).toBe(false);
    expect(sql('SELECT count(*) FROM "LiteLLM_CredentialsTable";')).toBe('1');
  });
});
