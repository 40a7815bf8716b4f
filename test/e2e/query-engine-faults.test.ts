import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { systemProcesses } from '../../src/io/processes/processes.ts';
import { createEngineBed, type EngineBed } from './support/engine-bed.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { liveMemory } from './support/live-memory.ts';
import {
  askEngine,
  ENGINE_SECRET,
  PROGRAMS,
  type QueryEngine,
  SCHEMA_FOLDER,
  startQueryEngine,
} from './support/query-engine.ts';
import { describeOn, onNative } from './support/stack-under-test.ts';

const FIND = 'query { result: findManyAuthor { id } }';
const processes = systemProcesses(process.kill.bind(process));
const CONNECTIONS = `select state, count(*)::int from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() group by state order by state`;
const create = (name: string) => `mutation { result: createOneAuthor(data: { name: "${name}" }) { id } }`;

describeOn(onNative)('the query engine under faults', () => {
  let bed: EngineBed;
  let before: ReturnType<typeof snapshot>;
  const connections = () => bed.db.sql(CONNECTIONS);
  const start = async (url = bed.db.url, options = {}) => {
    const engine = await startQueryEngine(url, options);
    onTestFinished(() => engine.stop('SIGKILL'));
    return engine;
  };

  beforeAll(async () => {
    before = snapshot();
    bed = await createEngineBed();
  });

  afterAll(async () => {
    await bed?.dispose();
    expectNoLeaks(before);
  });

  describe('the stand-in for the Prisma CLI', () => {
    const ledger = () =>
      bed.db.sql(
        'select migration_name as name, finished_at is not null as finished, rolled_back_at is not null as rolled_back, logs from _prisma_migrations order by started_at',
      );

    it('applies the migrations once', async () => {
      expect(await bed.prisma(['--version'])).toMatchObject({ code: 0, stdout: expect.stringContaining('5.4.2') });
      expect((await bed.prisma(['migrate', 'deploy'])).stdout).toContain('Applying migration `20260101000000_init`');
      expect((await bed.prisma(['migrate', 'deploy'])).stdout).toContain('No pending migrations to apply.');
      expect(await ledger()).toEqual([{ name: '20260101000000_init', finished: true, rolled_back: false, logs: null }]);
    });

    it('reports a migration that fails and continues when LiteLLM has resolved it', async () => {
      const name = '20260102000000_again';
      const folder = join(bed.folder, 'migrations', name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'migration.sql'), 'ALTER TABLE "Book" ADD COLUMN "title" TEXT;');
      const failed = await bed.prisma(['migrate', 'deploy']);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain(`Error: P3018\n\nA migration failed to apply.\n\nMigration name: ${name}`);
      expect(failed.stderr).toContain('Database error code: 42701');
      expect(await bed.prisma(['migrate', 'resolve', '--rolled-back', name])).toMatchObject({ code: 0 });
      expect(await bed.prisma(['migrate', 'resolve', '--applied', name])).toMatchObject({ code: 0 });
      expect(await bed.prisma(['migrate', 'deploy'])).toMatchObject({ code: 0 });
      expect((await ledger()).slice(1)).toEqual([
        { name, finished: false, rolled_back: true, logs: 'column "title" of relation "Book" already exists' },
        { name, finished: true, rolled_back: false, logs: null },
      ]);
    });

    it('leaves nothing open after a migration was killed', async () => {
      const name = '20260103000000_killed';
      const folder = join(bed.folder, 'migrations', name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'migration.sql'), 'SELECT 1;');
      await bed.db.sql(`insert into _prisma_migrations(id, checksum, migration_name) values ('an-id', '', '${name}')`);
      expect(await bed.prisma(['migrate', 'deploy'])).toMatchObject({ code: 0 });
      expect((await ledger()).slice(-2)).toMatchObject([{ rolled_back: true }, { finished: true, rolled_back: false }]);
    });

    it('runs one at a time', async () => {
      const name = '20260104000000_slow';
      const folder = join(bed.folder, 'migrations', name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'migration.sql'), 'SELECT pg_sleep(0.5); CREATE TABLE once (id int);');
      const both = await Promise.all([bed.prisma(['migrate', 'deploy']), bed.prisma(['migrate', 'deploy'])]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect((await ledger()).filter((one) => one.name === name)).toHaveLength(1);
    });

    it.each([
      ['a wrong password', (url: string) => url.replace('a-password-1', 'wrong'), 'P1000'],
      ['no such database', (url: string) => url.replace(/litellm$/, 'nothing'), 'P1003'],
      ['nobody there', (url: string) => url.replace(/:\d+\//, ':1/'), 'P1001'],
    ])('with %s fails with the message of the Prisma CLI', async (_, change, code) => {
      const failed = await bed.prisma(['migrate', 'deploy'], change(bed.db.url));
      expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining(`Error: ${code}`)]);
      expect(failed.stderr).not.toContain('a-password-1');
    });

    it('rejects unknown arguments', async () => {
      const failed = await bed.prisma(['db', 'push']);
      expect([failed.code, failed.stderr]).toEqual([1, 'Not supported here: prisma db push\n']);
    });
  });

  describe('a database that fails', () => {
    it('under queries and transactions: returns P1001 and recovers by itself', async () => {
      const engine = await start();
      const open = await engine.begin({ timeout: 60_000, max_wait: 2000 });
      await engine.query(create('never'), open);
      const slow = engine.query(
        'mutation { result: queryRaw(query: "select 1 as a from pg_sleep(30)", parameters: "[]") }',
      );
      await expect.poll(connections).toContainEqual({ state: 'active', count: 1 });
      await bed.db.kill();
      const cannotReach = [
        { user_facing_error: { error_code: 'P1001', message: expect.stringContaining("Can't reach") } },
      ];
      expect((await slow).errors).toMatchObject(cannotReach);
      expect((await engine.query(FIND)).errors).toMatchObject(cannotReach);
      expect((await engine.query(FIND, open)).errors).toHaveLength(1);
      const batch = await engine.batch([FIND], false);
      expect(batch.errors ?? batch.batchResult[0].errors).toMatchObject(cannotReach);
      expect((await engine.request('POST', `/transaction/${open}/commit`)).status).toBeGreaterThanOrEqual(400);
      expect(await engine.request('POST', '/transaction/start', { timeout: 1000, max_wait: 1000 })).toMatchObject({
        status: 500,
        body: { error_code: 'P1001' },
      });
      await bed.db.start();
      expect((await engine.query(create('after'))).data.result.id).toBeGreaterThan(0);
      expect(await bed.db.sql(`select name from authors where name in ('never', 'after')`)).toEqual([
        { name: 'after' },
      ]);
      expect(await engine.request('GET', '/status')).toMatchObject({ status: 200 });
    });

    it('works with an engine that started before it', async () => {
      await bed.db.kill();
      const engine = await start();
      expect((await engine.query(FIND)).errors[0].user_facing_error.error_code).toBe('P1001');
      await bed.db.start();
      expect((await engine.query(FIND)).errors).toBeUndefined();
    });

    it('in part: replaces connections that an administrator ends', async () => {
      const engine = await start();
      await Promise.all(Array.from({ length: 5 }, () => engine.query(FIND)));
      await bed.db.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      await expect.poll(connections).toEqual([]);
      const answers = await Promise.all(Array.from({ length: 5 }, () => engine.query(FIND)));
      expect(answers.filter(({ errors }) => errors)).toEqual([]);
    });

    it('with every connection in use: returns P2024 after the timeout in the address', async () => {
      const engine = await start(`${bed.db.url}?connection_limit=1&pool_timeout=1`);
      const busy = await engine.begin({ timeout: 20_000, max_wait: 2000 });
      expect((await engine.query(FIND)).errors[0].user_facing_error).toMatchObject({
        error_code: 'P2024',
        meta: { connection_limit: 1, timeout: 1 },
      });
      await engine.request('POST', `/transaction/${busy}/rollback`);
      expect((await engine.query(FIND)).errors).toBeUndefined();
    });
  });

  it('returns the same times from a server in another time zone', async () => {
    await bed.db.sql(`alter role litellm set timezone = 'America/New_York'`);
    onTestFinished(() => void bed.db.sql('alter role litellm reset timezone'));
    const engine = await start();
    const sql = `select '2026-01-01 00:00:00+00'::timestamptz as moment`;
    const raw = await engine.query(`mutation { result: queryRaw(query: "${sql}", parameters: "[]") }`);
    expect(raw.data.result[0].moment.prisma__value).toBe('2026-01-01T00:00:00+00:00');
    const made = await engine.query('mutation { result: createOneAuthor(data: { name: "zone" }) { made_at } }');
    expect(Math.abs(Date.parse(made.data.result.made_at) - Date.now())).toBeLessThan(60_000);
  });

  describe('1,000 requests, 50 at a time', () => {
    /** What a client does: reads, writes, transactions that end in each way, and mistakes. */
    async function oneOf(engine: QueryEngine, i: number, round: string): Promise<void> {
      const name = `${round}-${i}`;
      if (i % 5 === 0) return void expect((await engine.query(FIND)).errors).toBeUndefined();
      if (i % 5 === 1) return void expect((await engine.query(create(name))).data.result.id).toBeGreaterThan(0);
      if (i % 5 === 2)
        return void expect((await engine.query('query { result: findManyAuthor { no } }')).errors).toHaveLength(1);
      if (i % 5 === 3)
        return void expect(
          (await engine.query(`mutation { result: queryRaw(query: "select 1/0", parameters: "[]") }`)).errors,
        ).toHaveLength(1);
      const id = await engine.begin({ timeout: 20_000, max_wait: 20_000 });
      await engine.query(create(name), id);
      if (i % 2 === 0) expect((await engine.request('POST', `/transaction/${id}/commit`)).status).toBe(200);
      else expect((await engine.request('POST', `/transaction/${id}/rollback`)).status).toBe(200);
    }

    async function load(engine: QueryEngine, round: string): Promise<void> {
      let next = 0;
      const worker = async () => {
        while (next < 1000) {
          next += 1;
          await oneOf(engine, next - 1, round);
        }
      };
      await Promise.all(Array.from({ length: 50 }, worker));
    }

    const handles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
    const megabytes = (pid: number) =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

    it('leak no connection, transaction, handle or memory and lose no write', async () => {
      const inspector = await freePort();
      const engine = await start(bed.db.url, { inspector });
      await load(engine, 'warm');
      await load(engine, 'warmer');
      const heap = await liveMemory(inspector);
      const first = { handles: handles(engine.pid), megabytes: megabytes(engine.pid) };
      for (const round of ['a', 'b', 'c']) await load(engine, round);
      const [{ count }] = (await bed.db.sql(`select count(*)::int from authors where name ~ '^[abc]-'`)) as [
        { count: number },
      ];
      // 200 made, and half of the 200 transactions committed, in each round.
      expect(count).toBe(900);
      expect(await connections()).toEqual([{ state: 'idle', count: expect.any(Number) }]);
      expect((await connections())[0]?.count).toBeLessThanOrEqual(10);
      // Bytes that a request leaves behind; what is no longer referred to does not count.
      expect(((await liveMemory(inspector)) - heap) / 3000).toBeLessThan(1000);
      if (process.platform !== 'linux') return;
      // Each of the 50 clients may still keep a connection open; a leak would be one a request.
      expect(handles(engine.pid)).toBeLessThanOrEqual(first.handles + 50);
      expect(megabytes(engine.pid)).toBeLessThan(first.megabytes + 60);
      expect(engine.written().replaceAll('Debugger attached.\n', '')).toBe('');
    });
  });

  describe('the shutdown of the query engine', () => {
    it.each(['SIGINT', 'SIGTERM'] as const)(
      'by %s is quick and complete, also in an open transaction',
      async (signal) => {
        const engine = await start();
        const id = await engine.begin({ timeout: 120_000, max_wait: 2000 });
        await engine.query(create(`open-${signal}`), id);
        await engine.query(FIND);
        const began = Date.now();
        await engine.stop(signal);
        expect(Date.now() - began).toBeLessThan(10_000);
        await expect.poll(connections).toEqual([]);
        expect(await bed.db.sql(`select 1 from authors where name = 'open-${signal}'`)).toEqual([]);
      },
    );

    it('follows the exit of the gateway, however it ends', async () => {
      const script = `
        const { spawn } = require('node:child_process');
        const child = spawn(process.argv[1], ['-p', process.argv[2]], { stdio: 'ignore' });
        console.log(child.pid);
        setInterval(() => undefined, 1000);`;
      const env = {
        PATH: process.env.PATH,
        AGENTS_LLM_NODE: process.execPath,
        DATABASE_URL: bed.db.url,
        PRISMA_DML_PATH: join(SCHEMA_FOLDER, 'schema.prisma'),
        AGENTS_LLM_ENGINE_FOLDER: mkdtempSync(join(tmpdir(), 'agents-llm-e2e-')),
        AGENTS_LLM_ENGINE_SECRET: ENGINE_SECRET,
      };
      const parent = spawn(process.execPath, ['-e', script, join(PROGRAMS, 'bin', 'query-engine'), '1'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
      const identity = await processes.identity(pid);
      const isAlive = async () => (await processes.identity(pid)) === identity;
      onTestFinished(async () => {
        if (await isAlive()) process.kill(pid, 'SIGKILL');
      });
      const status = () =>
        askEngine(join(env.AGENTS_LLM_ENGINE_FOLDER, '1.sock'), { method: 'GET', path: '/status' }).then(
          (answer) => answer.status,
          () => 0,
        );
      await expect.poll(status, { timeout: 10_000 }).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(await isAlive()).toBe(true);
      parent.kill('SIGKILL');
      await expect.poll(isAlive, { timeout: 10_000 }).toBe(false);
      // The folder belonged to the gateway process, which could not remove it.
      expect(existsSync(env.AGENTS_LLM_ENGINE_FOLDER)).toBe(false);
    });
  });
});
