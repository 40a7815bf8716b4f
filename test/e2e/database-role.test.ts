import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itWhere } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { ATTACKS, WORK } from './support/role-attacks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { connectSocketAs, noStranger, STRANGER } from './support/stranger.ts';

const PROJECT = 'e2e-role';
const PORT = String(await freePort());

describeOnEach(runtimes)('the database role of LiteLLM', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);
  const sql = (script: string) => stack.sql(cli, PROJECT, script);

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    const up = await run('up', '--port', PORT, '--json');
    expect(up.json).toMatchObject({ ok: true, error: null });
  });

  afterAll(() => {
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('can do everything that LiteLLM needs', async () => {
    expect(await sql(WORK)).toBe(isDocker ? 'f' : 'false');
  });

  it.each(ATTACKS)('cannot %s', async (_, script, refusal) => {
    await expect(sql(script)).rejects.toThrow(refusal);
    expect(existsSync('/tmp/agents-llm-e2e-owned')).toBe(false);
  });

  const client = (user: string, password: string, host: string, port: number) =>
    new pg.Client({ host, port, user, database: 'postgres', password, connectionTimeoutMillis: 10_000 });
  const address = (): readonly [host: string, port: number] => {
    if (!isDocker)
      return ['127.0.0.1', Number(readFileSync(join(cli.home, PROJECT, 'native', 'database-port'), 'utf8'))];
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    return [docker('inspect', '--format', format, `${PROJECT}-litellm-db-1`), 5432];
  };

  it.each(['litellm', 'agents_llm_admin'])('PostgreSQL asks %s for a password over the network', async (user) => {
    for (const password of ['', 'wrong']) {
      await expect(client(user, password, ...address()).connect()).rejects.toThrow(/password/);
    }
  });

  it('the administrator has no password', async () => {
    const password = cli.secretsOf(PROJECT).POSTGRES_PASSWORD ?? '';
    await expect(client('agents_llm_admin', password, ...address()).connect()).rejects.toThrow(/authentication failed/);
  });

  itWhere(!isDocker)('the socket refuses every other user', ({ skip }) => {
    skip(noStranger !== undefined, noStranger);
    const pid = readFileSync(join(stack.volume(cli, PROJECT), 'postmaster.pid'), 'utf8').split('\n');
    const socket = join(pid[4] ?? '', `.s.PGSQL.${pid[3]}`);
    for (const user of ['litellm', 'agents_llm_admin']) {
      expect(connectSocketAs(STRANGER, socket, user)).toMatch(/EACCES|Peer authentication failed/);
    }
  });

  itWhere(isDocker)('no container can change its image files, and the database has no published port', () => {
    for (const service of ['litellm', 'litellm-db']) {
      const format = '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.PidsLimit}}';
      expect(docker('inspect', '--format', format, `${PROJECT}-${service}-1`)).toMatch(/^true \d+$/);
      const name = `${PROJECT}-${service}-1`;
      expect(() => docker('exec', '-u', '0', name, 'sh', '-c', 'touch /etc/owned /usr/bin/owned')).toThrow();
    }
    expect(docker('port', `${PROJECT}-litellm-db-1`)).toBe('');
  });
});
