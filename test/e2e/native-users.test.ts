import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { parseStat } from '../../src/io/processes/process-table.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { askEngine, json, text } from './support/query-engine.ts';
import { describeOn, onNative, recordOf } from './support/stack-under-test.ts';
import { askSocketAs, noStranger, STRANGER, tryFileAs } from './support/stranger.ts';

const PROJECT = 'e2e-engine-guard';
const PORT = await freePort();
const RAW_SQL = JSON.stringify({
  variables: {},
  operation_name: 'query',
  query: `query { result: queryRaw(query: ${text('select current_user as who')}, parameters: ${json([])}) }`,
});

const textOf = (path: string) => readFileSync(path, 'utf8');

/** Of a proxy, its query engine and all else that it has started. */
function processesOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return parseStat(textOf(`/proc/${pid}/stat`))?.group === group;
    } catch {
      return false;
    }
  });
}

/** Inodes of the sockets that processes hold. */
function socketsOf(pids: readonly string[]): Set<string> {
  const links = pids.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`));
  const inodes = links.map((link) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
    } catch {
      return undefined;
    }
  });
  return new Set(inodes.filter((inode) => inode !== undefined));
}

/** TCP ports that processes listen on, at any address. */
function portsOf(pids: readonly string[]): number[] {
  const mine = socketsOf(pids);
  const rows = ['tcp', 'tcp6'].flatMap((table) => textOf(`/proc/net/${table}`).split('\n').slice(1));
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return state === '0A' && mine.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
}

/** Unix sockets that processes listen on. */
function unixSocketsOf(pids: readonly string[]): string[] {
  const mine = socketsOf(pids);
  const rows = textOf('/proc/net/unix').split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, , , flags, , , inode = '', path] = row.trim().split(/\s+/);
    const listens = (Number.parseInt(flags ?? '0', 16) & 0x1_00_00) !== 0;
    return listens && path !== undefined && mine.has(inode) ? [path] : [];
  });
}

/** The real user id, of which the others are copies. */
const uidOf = (pid: string | number) => Number(/^Uid:\t(\d+)\t\1\t\1\t\1$/m.exec(textOf(`/proc/${pid}/status`))?.[1]);

// A real stack of root: what other users can access in it, and what it can access as root.
describeOn(onNative, { missing: noStranger })('a native stack of root with other users', () => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);
  const pids = () => processesOf(recordOf(cli, PROJECT, 'litellm').child.pid);
  const engine = () => pids().find((pid) => textOf(`/proc/${pid}/cmdline`).includes('query-engine.js')) ?? '';
  const socket = () => unixSocketsOf([engine()])[0] ?? '';
  const secret = () => /(?:^|\0)AGENTS_LLM_ENGINE_SECRET=([^\0]+)/.exec(textOf(`/proc/${engine()}/environ`))?.[1] ?? '';
  const headers = (more: Readonly<Record<string, string>> = {}) => ({
    host: 'localhost:4000',
    'content-type': 'application/json',
    ...more,
  });

  beforeAll(async () => {
    before = snapshot();
    cli = createCli(onNative);
    expect((await run('up', '--port', String(PORT))).code).toBe(0);
  });

  afterAll(async () => {
    await run('down', '--volumes', '--force', '--no-backup');
    onNative.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('runs no service as root and each service as its own user', () => {
    const [proxy, database] = ['litellm', 'litellm-db'].map((name) => uidOf(recordOf(cli, PROJECT, name).child.pid));
    expect(proxy).toBeGreaterThan(0);
    expect(database).toBeGreaterThan(0);
    expect(proxy).not.toBe(database);
    expect(uidOf(engine())).toBe(proxy);
    for (const pid of pids()) expect(textOf(`/proc/${pid}/status`)).toMatch(/^Groups:\s*$/m);
  });

  it('gives the gateway what it needs, and nothing of root or of the database', () => {
    const proxy = recordOf(cli, PROJECT, 'litellm').child.pid;
    const database = recordOf(cli, PROJECT, 'litellm-db').child.pid;
    const folder = join(cli.home, PROJECT);
    const refused = [
      ['read', join(folder, '.env')],
      ['read', join(folder, 'state.json')],
      ['list', join(folder, 'native', 'logs')],
      ['read', join(onNative.volume(cli, PROJECT), 'PG_VERSION')],
      ['read', `/proc/${database}/environ`],
      ['read', `/proc/${recordOf(cli, PROJECT, 'litellm').supervisor.pid}/environ`],
      ['write', '/var/lib/agents-llm/native/x'],
      ['write', textOf(`/proc/${proxy}/cmdline`).split('\0')[1] ?? ''],
    ] as const;
    for (const [action, path] of refused) {
      expect([path, tryFileAs(uidOf(proxy), action, path)]).toEqual([path, 'EACCES']);
    }
    const home = readlinkSync(`/proc/${proxy}/cwd`);
    expect(tryFileAs(uidOf(proxy), 'write', join(home, 'x'))).toBe('OK');
    for (const uid of [STRANGER, uidOf(database)]) {
      expect(tryFileAs(uid, 'list', home)).toBe('EACCES');
      expect(tryFileAs(uid, 'read', `/proc/${proxy}/environ`)).toBe('EACCES');
    }
  });

  it('listens only on the port of the gateway, because the engine has no port', () => {
    expect(engine()).not.toBe('');
    expect(portsOf(pids())).toEqual([PORT]);
    expect(unixSocketsOf(pids())).toHaveLength(1);
  });

  it('denies other users the socket of the engine, even with the secret', () => {
    expect(secret()).toMatch(/^[\w-]{43}$/);
    const known = headers({ authorization: `Bearer ${secret()}` });
    for (const uid of [STRANGER, uidOf(recordOf(cli, PROJECT, 'litellm-db').child.pid)]) {
      expect(askSocketAs(uid, socket(), known, RAW_SQL)).toEqual({ code: 'EACCES' });
    }
    expect(askSocketAs(uidOf(engine()), socket(), known, RAW_SQL)).toMatchObject({ status: 200 });
    expect(statSync(dirname(socket())).mode & 0o777).toBe(0o700);
    expect(statSync(socket()).mode & 0o077).toBe(0);
  });

  it('rejects a missing or guessed secret, even in an open folder', () => {
    const opened = [socket(), dirname(socket()), ...parents(dirname(socket()))].map((path) => {
      const { mode } = statSync(path);
      chmodSync(path, 0o777);
      return () => chmodSync(path, mode & 0o7777);
    });
    onTestFinished(() => {
      for (const close of opened) close();
    });
    const ask = (more = {}) => askSocketAs(STRANGER, socket(), headers(more), RAW_SQL);
    const refused = { status: 401, text: '{"error":"Not authorized"}' };
    expect(ask()).toEqual(refused);
    expect(ask({ authorization: 'Bearer guessed' })).toEqual(refused);
    expect(ask({ authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}` })).toEqual(refused);
  });

  describe('the engine with the secret', () => {
    const ask = (more: Readonly<Record<string, string | undefined>> = {}, method = 'POST', path = '/') =>
      askEngine(socket(), { method, path, body: RAW_SQL, headers: { authorization: `Bearer ${secret()}`, ...more } });

    it('answers as it answers the gateway', async () => {
      expect(await ask()).toEqual({ status: 200, text: expect.stringContaining('litellm') });
    });

    it.each([
      ['a host of its own', { host: 'evil.example' }, 403, 'Host not allowed'],
      ['an origin', { origin: 'http://localhost:4000' }, 403, 'Origin not allowed'],
      ['a form', { 'content-type': 'text/plain' }, 415, 'Only application/json is accepted'],
      ['no secret', { authorization: undefined }, 401, 'Not authorized'],
    ])('refuses %s', async (_, more, status, error) => {
      expect(await ask(more)).toEqual({ status, text: JSON.stringify({ error }) });
    });

    it.each(['/status', '/metrics', '/', '/unknown'])('reveals nothing at %s without the secret', async (path) => {
      expect(await ask({ authorization: undefined }, 'GET', path)).toMatchObject({ status: 401 });
    });
  });

  it('leaves the gateway running', async () => {
    expect((await run('provision-key', '--alias', 'mine', '--allow-missing-models')).code).toBe(0);
    expect((await run('key', 'list', '--json')).json.data.keys).toHaveLength(1);
  });

  it('restarts a gateway of an earlier version at the next up with a new secret, without loss', async () => {
    const [before, first, native] = [recordOf(cli, PROJECT, 'litellm'), secret(), join(cli.home, PROJECT, 'native')];
    const { generation, ...older } = before as typeof before & { readonly generation: number };
    expect(generation).toBeGreaterThan(1);
    writeFileSync(join(native, 'litellm.json'), JSON.stringify(older));
    mkdirSync(join(native, 'home', '.cache'), { recursive: true });
    expect((await run('status', '--json')).json.data.state).toBe('ready');
    expect((await run('up', '--json')).json.data.change).toBe('started');
    expect(recordOf(cli, PROJECT, 'litellm').child.pid).not.toBe(before.child.pid);
    expect(existsSync(join(native, 'home'))).toBe(false);
    expect(secret()).not.toBe(first);
    expect(unixSocketsOf(pids())).toHaveLength(1);
    expect((await run('key', 'list', '--json')).json.data.keys).toHaveLength(1);
    const everywhere = [...pids().map((pid) => textOf(`/proc/${pid}/cmdline`)), (await run('logs')).stdout].join('\n');
    for (const one of [first, secret()]) expect(everywhere).not.toContain(one);
  });
});

/** The folders above a path that only their owner can enter. */
function parents(path: string): string[] {
  const above = dirname(path);
  if (above === path) return [];
  return (statSync(above).mode & 0o001) === 0 ? [above, ...parents(above)] : parents(above);
}
