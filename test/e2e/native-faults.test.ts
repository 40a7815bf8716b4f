import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, type CliResult, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onNative, recordOf } from './support/stack-under-test.ts';
import { startUpstream } from './support/upstream.ts';

const PROJECT = 'e2e-native-faults';
const PORT = String(await freePort());
const BASE = `http://127.0.0.1:${PORT}`;
/** A machine without Docker and without a selected runtime. */
const WITHOUT_DOCKER = { PATH: '/nonexistent', DOCKER_HOST: undefined, AGENTS_LLM_RUNTIME: undefined };
/** Takes 20 s of processor time unless it is cancelled. */
const LONG_QUERY = 'SELECT sum(a * b) FROM generate_series(1, 20000) a, generate_series(1, 10000) b';
const isRoot = process.getuid?.() === 0;

// One stack without Docker and with one fault after the other; each test repairs its own fault.
describeOn(onNative)('a native stack with faults', () => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  let ups: readonly CliResult[];
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);
  const alone = (args: string[], env = {}) => cli.run(['-p', PROJECT, ...args], { ...WITHOUT_DOCKER, ...env });
  const record = (service: string) => recordOf(cli, PROJECT, service);
  const log = () => join(cli.home, PROJECT, 'native', 'logs', 'litellm-db.log');
  const data = () => onNative.volume(cli, PROJECT);
  const kill = (pid: number) => process.kill(pid, 'SIGKILL');
  const engine = () =>
    Number(
      execFileSync('pgrep', ['-g', String(record('litellm').child.pid), '-f', 'query-engine.js'], {
        encoding: 'utf8',
      }).trim(),
    );
  const post = (path: string, body: object) =>
    fetch(BASE + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
  const untilReady = () =>
    expect.poll(async () => (await run('status')).code, { timeout: 120_000, interval: 500 }).toBe(0);

  /** Creates keys until stopped; returns the aliases that LiteLLM confirmed. */
  function load() {
    const made: string[] = [];
    let going = true;
    const worker = async (n: number) => {
      for (let i = 0; going; i += 1) {
        const alias = `load-${n}-${Date.now()}-${i}`;
        const answer = await post('/key/generate', { key_alias: alias }).catch(() => undefined);
        if (answer?.ok) made.push(alias);
        else await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const workers = [1, 2, 3].map(worker);
    return {
      made,
      async stop() {
        going = false;
        await Promise.all(workers);
      },
    };
  }

  const keys = async () => {
    const rows = await onNative.sql(cli, PROJECT, 'SELECT key_alias FROM "LiteLLM_VerificationToken"');
    return rows.split('\n');
  };

  beforeAll(async () => {
    before = snapshot();
    cli = createCli(onNative);
    const up = ['up', '--port', PORT, '--json'];
    ups = await Promise.all([alone(up), alone(up)]);
  });

  afterAll(() => {
    onNative.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('starts once when two up run at the same time and explains why it is native', () => {
    expect(ups.map(({ json }) => json.data?.change).sort()).toEqual(['started', 'unchanged']);
    for (const { json } of ups) expect(json.data).toMatchObject({ runtime: 'native', url: BASE });
    expect(ups.map(({ stderr }) => stderr).join('')).toMatch(/Docker is not available \(.*docker.*\).*PyPI/);
  });

  it('answers a chat completion with commands that do not name the runtime', async () => {
    const upstream = await startUpstream(onNative);
    onTestFinished(() => upstream.close());
    const provider = ['provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url];
    expect((await alone(provider, { MY_KEY: 'sk-provider-key-0123456789' })).code).toBe(0);
    expect((await alone(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai'])).code).toBe(0);
    const apiKey = (await alone(['provision-key'])).stdout.trim();
    const client = new OpenAI({ apiKey, baseURL: `${BASE}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user', content: 'ping' } as const];
    const answer = await client.chat.completions.create({ model: 'gpt-5', messages });
    expect(answer.choices[0]?.message.content).toBe('pong');
    expect((await alone(['status', '--json'])).json.data).toMatchObject({ state: 'ready', runtime: 'native' });
  });

  it.each(['litellm-db', 'litellm', 'the query engine'])(
    'restarts %s after kill -9 under load and loses nothing',
    async (victim) => {
      const { made, stop } = load();
      await expect.poll(() => made.length, { timeout: 20_000 }).toBeGreaterThan(5);
      kill(victim === 'the query engine' ? engine() : record(victim).child.pid);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await untilReady();
      const soFar = made.length;
      await expect.poll(() => made.length, { timeout: 60_000 }).toBeGreaterThan(soFar);
      await stop();
      expect(await keys()).toEqual(expect.arrayContaining(made));
      const { services } = (await run('status', '--json')).json.data as {
        services: { service: string; restarts: number }[];
      };
      for (const { service, restarts } of services.filter((one) => one.service === victim))
        expect(restarts, service).toBeGreaterThanOrEqual(1);
    },
  );

  it.each(['litellm-db', 'litellm'])(
    'keeps %s running after kill -9 of its supervisor under load, and up adds a new one',
    async (service) => {
      const { made, stop } = load();
      await expect.poll(() => made.length, { timeout: 20_000 }).toBeGreaterThan(5);
      const { supervisor, child } = record(service);
      kill(supervisor.pid);
      await expect.poll(async () => (await run('status', '--json')).json.data.services.length).toBe(2);
      expect(statSync(`/proc/${child.pid}`).isDirectory()).toBe(true);
      expect((await run('up', '--json')).json.data.change).toBe('started');
      expect(record(service).supervisor.pid).not.toBe(supervisor.pid);
      await stop();
      expect(await keys()).toEqual(expect.arrayContaining(made));
      expect((await run('up', '--json')).json.data.change).toBe('unchanged');
    },
  );

  it.each([
    ['up at once', 0],
    ['up while it recovers', 1],
  ])('kill -9 of PostgreSQL during a long query, and %s', async (_, restarts) => {
    const query = onNative.sql(cli, PROJECT, LONG_QUERY).catch((error: Error) => error.message);
    const busy = () =>
      onNative.sql(cli, PROJECT, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sum%'");
    await expect.poll(busy).toBe('1');
    kill(record('litellm-db').child.pid);
    await expect.poll(() => record('litellm-db').restarts, { interval: 10 }).toBeGreaterThanOrEqual(restarts);
    const up = await run('up', '--json');
    expect([up.code, up.json.error]).toEqual([0, null]);
    expect(await query).toMatch(/terminat/i);
    expect(readFileSync(log(), 'utf8')).not.toContain('pre-existing shared memory');
  });

  it('recovers with up after kill -9 of every process under load and loses nothing', async () => {
    const { made, stop } = load();
    await expect.poll(() => made.length, { timeout: 20_000 }).toBeGreaterThan(5);
    const victims = ['litellm-db', 'litellm'].flatMap((service) => [
      record(service).supervisor.pid,
      record(service).child.pid,
    ]);
    for (const pid of [...victims, engine()]) kill(pid);
    await stop();
    await expect.poll(async () => (await run('status', '--json')).json.data.state).toBe('exited');
    expect((await run('up', '--json')).json.data.change).toBe('started');
    expect(await keys()).toEqual(expect.arrayContaining(made));
  });

  it('starts after a reboot with stale records and a postmaster.pid whose process IDs are reused', async () => {
    const files = ['litellm-db', 'litellm'].map((service) => join(cli.home, PROJECT, 'native', `${service}.json`));
    for (const service of ['litellm-db', 'litellm'])
      for (const pid of [record(service).supervisor.pid, record(service).child.pid]) kill(pid);
    await expect.poll(async () => (await run('status', '--json')).json.data.state).toBe('exited');
    const stranger = execFileSync('sh', ['-c', 'sleep 300 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }).trim();
    try {
      for (const file of files) {
        const text = readFileSync(file, 'utf8');
        writeFileSync(file, text.replace(/"pid":\d+/g, `"pid":${stranger}`));
      }
      const pidFile = join(data(), 'postmaster.pid');
      writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, stranger));
      expect((await run('up', '--json')).json.data.change).toBe('started');
      expect(statSync(`/proc/${stranger}`).isDirectory()).toBe(true);
    } finally {
      process.kill(Number(stranger), 'SIGKILL');
    }
  });

  it('shuts PostgreSQL down cleanly and gives it another port when its own is in use', async () => {
    const file = join(cli.home, PROJECT, 'native', 'database-port');
    const port = Number(readFileSync(file, 'utf8'));
    await run('down');
    const written = readFileSync(log(), 'utf8');
    expect(written.trimEnd()).toMatch(/database system is shut down$/);
    const holder = createServer().listen(port, '127.0.0.1');
    expect((await run('up', '--json')).json.data.change).toBe('started');
    holder.close();
    expect(Number(readFileSync(file, 'utf8'))).not.toBe(port);
    const since = readFileSync(log(), 'utf8').slice(written.length);
    expect(since).toContain('database system was shut down at');
    expect(since).not.toContain('not properly shut down');
  });

  it('refuses the data of another PostgreSQL and leaves it unchanged', async () => {
    await run('down');
    const version = join(data(), 'PG_VERSION');
    writeFileSync(version, '15\n');
    const other = await run('up', '--json');
    expect([other.code, other.json.error.code]).toEqual([9, 'data_replaced']);
    expect(other.json.error.message).toContain('PostgreSQL 15');
    writeFileSync(version, '16\n');
    expect((await run('up')).code).toBe(0);
  });

  it('refuses the data of another user and leaves it unchanged', async ({ skip }) => {
    skip(!isRoot, 'only root may give a folder to another user');
    await run('down');
    const { uid, gid } = statSync(data());
    chownSync(data(), 1, 1);
    const notOurs = await run('up', '--json');
    expect([notOurs.code, notOurs.json.error.code]).toEqual([1, 'state_not_ours']);
    chownSync(data(), uid, gid);
    expect((await run('up')).code).toBe(0);
  });

  it('names the cause of a gateway that keeps exiting', async () => {
    await onNative.sql(cli, PROJECT, `ALTER ROLE litellm PASSWORD 'another-password-1'`);
    const failed = await run('restart', 'litellm', '--json');
    expect(failed.code).toBe(7);
    expect(failed.json.error).toMatchObject({ code: 'service_failed', details: { service: 'litellm' } });
    expect(failed.json.error.message).toContain('the database rejected its password');
    expect((await run('rotate-db-password', '--as-written')).code).toBe(0);
    expect((await run('status')).code).toBe(0);
  });

  it('logs nothing that it does not log on Docker', async () => {
    const began = new Date().toISOString();
    await run('restart');
    const { stdout } = await run('logs', '--since', began, '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { service: string; message: string });
    expect(lines.length).toBeGreaterThan(0);
    const bad = lines.filter(({ message }) => /\b(ERROR|WARNING|Traceback|FATAL)\b/.test(message));
    expect(bad.map(({ message }) => message)).toEqual([]);
  });

  it('accepts a new master key and rejects the old one', async () => {
    const old = cli.secretsOf(PROJECT).LITELLM_MASTER_KEY;
    const models = (key = '') => fetch(`${BASE}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect((await run('rotate-master-key')).code).toBe(0);
    expect((await models(old)).status).toBe(401);
    expect((await models(cli.secretsOf(PROJECT).LITELLM_MASTER_KEY)).status).toBe(200);
    expect((await run('status')).code).toBe(0);
  });

  it('is completely deleted by down --volumes', async () => {
    const gone = await alone(['down', '--volumes', '--force', '--no-backup', '--json']);
    expect(gone.json.data.deleted.volumes).toEqual([data()]);
    rmSync(join(cli.home, PROJECT), { recursive: true });
    expect(onNative.hasVolume(cli, PROJECT)).toBe(false);
  });
});
