import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itWhere } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, recordOf, runtimes } from './support/stack-under-test.ts';

const ONE = 'e2e-one';
const TWO = 'e2e-two';
const PORT = String(await freePort());

// The tests build on each other: each one uses the stack from the previous one.
describeOnEach(runtimes)('a stack from up to down', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  const one = (...args: string[]) => cli.run(['-p', ONE, ...args]);

  beforeAll(() => {
    for (const project of [ONE, TWO]) stack.remove(undefined, project);
    before = snapshot();
    cli = createCli(stack);
  });

  afterAll(() => {
    const secrets = collectSecrets();
    const seen = cli.everythingSeen();
    for (const project of [ONE, TWO]) stack.remove(cli, project);
    cli.dispose();
    expectNoLeaks(before);
    // Searches all output and the arguments of every docker call.
    for (const [name, value] of Object.entries(secrets)) expect(seen.includes(value), `${name} was shown`).toBe(false);
  });

  const known: Record<string, string> = {};
  function collectSecrets() {
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value.length > 6));
  }
  function noteSecrets(project: string) {
    for (const [name, value] of Object.entries(cli.secretsOf(project)))
      known[`${project} ${name} ${value.length}`] = value;
  }

  it('reports that there is no stack before the first up', async () => {
    const status = await one('status', '--json');
    expect(status.code).toBe(10);
    expect(status.json.data).toMatchObject({ state: 'not-created', services: [], url: 'http://127.0.0.1:4000' });
    expect((await one('restart')).code).toBe(10);
    expect((await one('down')).stdout).toContain('is not running');
  });

  it('refuses a port that a process uses and names the process', async () => {
    const server = createServer().listen(Number(PORT), '127.0.0.1');
    const refused = await one('up', '--port', PORT, '--json');
    server.close();
    expect(refused.code).toBe(6);
    expect(refused.json.error).toMatchObject({
      code: 'port_taken',
      details: { holder: `process ${process.pid} (node)` },
    });
    expect(refused.json.error.hint).toContain('--port');
  });

  it('starts the real stack from nothing', async () => {
    const up = await one('up', '--port', PORT);
    expect(up.stderr).toMatch(/Starting the database[\s\S]*Migrating the database/);
    expect(up.stdout).toContain(`LiteLLM 1.108.11 is ready at http://127.0.0.1:${PORT}`);
    expect(up.code).toBe(0);
    noteSecrets(ONE);
    expect(statSync(join(cli.home, ONE, '.env')).mode & 0o777).toBe(0o600);
    const key = cli.secretsOf(ONE).LITELLM_MASTER_KEY ?? '';
    const models = await fetch(`http://127.0.0.1:${PORT}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(models.status).toBe(200);
  });

  itWhere(!isDocker)('runs the database on loopback only and never as root', () => {
    const { pid } = recordOf(cli, ONE, 'litellm-db').child;
    const listening = execFileSync('ss', ['-ltnpH'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(`pid=${pid},`));
    expect(listening.map((line) => line.split(/\s+/)[3])).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
    expect(statSync(stack.volume(cli, ONE)).mode & 0o777).toBe(0o700);
  });

  itWhere(isDocker)('does not publish the database and drops container privileges that it does not need', () => {
    const inspect = (service: string) => JSON.parse(docker('inspect', `${ONE}-${service}-1`))[0].HostConfig;
    expect(inspect('litellm-db').PortBindings).toEqual({});
    expect(inspect('litellm').PortBindings).toEqual({ '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: PORT }] });
    for (const service of ['litellm', 'litellm-db']) {
      expect(inspect(service)).toMatchObject({ CapDrop: ['ALL'], RestartPolicy: { Name: 'unless-stopped' } });
    }
  });

  it('changes nothing when it is already up', async () => {
    const again = await one('up', '--json');
    expect(again.json.data).toMatchObject({
      change: 'unchanged',
      url: `http://127.0.0.1:${PORT}`,
      version: '1.108.11',
    });
  });

  itWhere(isDocker)('calls no docker when it is already up', async () => {
    const calls = () => cli.everythingSeen().match(/^docker /gm)?.length ?? 0;
    const callsBefore = calls();
    expect(callsBefore).toBeGreaterThan(0);
    expect((await one('up')).code).toBe(0);
    expect(calls()).toBe(callsBefore);
  });

  it('ignores unrelated environment variables', async () => {
    const env = {
      COMPOSE_FILE: '/nonexistent.yml',
      COMPOSE_PROJECT_NAME: 'other',
      POSTGRES_PASSWORD: 'hostile-password',
      DATABASE_URL: 'postgresql://hostile@nowhere/x',
      LITELLM_SALT_KEY: 'hostile-salt-key-1',
      LITELLM_MASTER_KEY: 'sk-hostile-master-key',
      LITELLM_PORT: '4999',
    };
    const secrets = cli.secretsOf(ONE);
    const id = stack.idOf(cli, ONE, 'litellm');
    // `--pull always` would ask a registry; a login makes it go through Compose.
    const up = await cli.run(['-p', ONE, 'up', '--ui-username', 'admin', '--json'], env);
    expect(up.json).toMatchObject({ ok: true, data: { url: `http://127.0.0.1:${PORT}` } });
    expect(cli.secretsOf(ONE)).toEqual(secrets);
    expect(stack.idOf(cli, ONE, 'litellm')).toBe(id);
  });

  it('shows status as text, JSON and variables, with the same exit code', async () => {
    const [text, json, env] = await Promise.all([one('status'), one('status', '--json'), one('status', '-o', 'env')]);
    expect([text.code, json.code, env.code]).toEqual([0, 0, 0]);
    expect(text.stdout).toMatch(/^e2e-one: ready/);
    expect(json.json.data).toMatchObject({
      state: 'ready',
      version: '1.108.11',
      models: 0,
      keys: 0,
      database: 'connected',
    });
    expect(json.json.data.services.map((s: { service: string }) => s.service)).toEqual(['litellm-db', 'litellm']);
    expect(env.stdout).toContain(`OPENAI_BASE_URL="http://127.0.0.1:${PORT}/v1"`);
  });

  it('reports the memory of both services, including workers', async () => {
    const { services } = (await one('status', '--json')).json.data;
    const [database, proxy] = services.map(({ memoryBytes }: { memoryBytes: number }) => memoryBytes);
    expect(proxy).toBeGreaterThan(100_000_000);
    if (isDocker) return expect(database).toBeGreaterThan(1_000_000);
    const postmaster = readFileSync(`/proc/${recordOf(cli, ONE, 'litellm-db').child.pid}/status`, 'utf8');
    // On the native runtime the workers use as much again, minus shared memory.
    expect(database).toBeGreaterThan(1.2 * 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(postmaster)?.[1]));
  });

  it('shows the logs of both services in order of time, without escape codes', async () => {
    const logs = await one('logs', '--json');
    expect(logs.code).toBe(0);
    const lines = logs.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(lines.map((line) => line.service))).toEqual(new Set(['litellm', 'litellm-db']));
    expect(lines.map((line) => line.time)).toEqual(lines.map((line) => line.time).sort());
    expect(logs.stdout).not.toContain('\\u001b');
    const few = await one('logs', 'litellm', '-n', '3', '-t');
    expect(few.stdout.trim().split('\n')).toHaveLength(3);
    expect(few.stdout).toMatch(/^litellm +\| \d{4}-\d\d-\d\dT/);
  });

  it('follows the logs until Ctrl-C', async () => {
    const following = cli.start(['-p', ONE, 'logs', '-f', '-n', '1']);
    await new Promise((resolve) => following.child.stdout?.once('data', resolve));
    following.child.kill('SIGINT');
    expect((await following.result).code).toBe(130);
  });

  it('prints the address and the UI login', async () => {
    const ui = await one('ui', '--json');
    expect(ui.json.data).toEqual({
      url: `http://127.0.0.1:${PORT}/ui/`,
      username: 'admin',
      password: `…${cli.secretsOf(ONE).UI_PASSWORD?.slice(-4)}`,
      opened: false,
    });
    expect((await fetch(ui.json.data.url)).status).toBe(200);
  });

  it('restarts a service and waits for it', async () => {
    const id = stack.idOf(cli, ONE, 'litellm');
    const database = stack.idOf(cli, ONE, 'litellm-db');
    const restart = await one('restart', 'litellm', '--json');
    expect(restart.json.data).toMatchObject({ restarted: ['litellm'], version: '1.108.11' });
    expect(stack.idOf(cli, ONE, 'litellm')).not.toBe(id);
    expect(stack.idOf(cli, ONE, 'litellm-db')).toBe(database);
    expect((await one('status')).code).toBe(0);
  });

  it('names the owner of a port and runs a second project next to the first', async () => {
    const refused = await cli.run(['-p', TWO, 'up', '--port', PORT, '--json']);
    expect(refused.code).toBe(6);
    expect(refused.json.error.details.holder).toMatch(isDocker ? ONE : /^process \d+ \(python/);
    const secondPort = String(await freePort());
    const up = await cli.run(['-p', TWO, 'up', '--port', secondPort, '--json']);
    expect(up.json.data.url).toBe(`http://127.0.0.1:${secondPort}`);
    // The second stack reuses the installation of the first.
    expect(up.stderr).not.toContain('installing');
    noteSecrets(TWO);
    expect(cli.secretsOf(TWO).LITELLM_SALT_KEY).not.toBe(cli.secretsOf(ONE).LITELLM_SALT_KEY);
    const gone = await cli.run(['-p', TWO, 'down', '--volumes', '--force', '--json']);
    expect(gone.json.data.change).toBe('deleted');
    expect((await one('status')).code).toBe(0);
  });

  it('reports that the gateway has lost its database', async () => {
    stack.stop(cli, ONE, 'litellm-db');
    await expect.poll(async () => (await one('status')).code, { timeout: 20_000 }).toBe(7);
    const status = await one('status', '--json');
    expect(status.code).toBe(7);
    expect(status.json.data.state).toBe('unhealthy');
    expect(status.json.data.reason).toMatch(/litellm-db exited|cannot reach its database/);
  });

  it('stops with its data, ends a log follower and starts again on the remembered port', async () => {
    const following = cli.start(['-p', ONE, 'logs', '-f', '-n', '0']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const down = await one('down', '--json');
    expect(down.json.data).toMatchObject({ change: 'stopped' });
    expect((await following.result).code).toBe(0);
    expect(await one('status', '--json')).toMatchObject({ code: 10, json: { data: { state: 'exited' } } });
    expect((await one('down', '--json')).json.data.change).toBe('unchanged');
    const up = await one('up', '--json');
    expect(up.json.data).toMatchObject({ change: 'started', url: `http://127.0.0.1:${PORT}` });
  });

  it('is deleted completely, but only after confirmation', async () => {
    const asked = await one('down', '--volumes', '--json');
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain(`${isDocker ? 'volume' : 'folder'}    ${stack.volume(cli, ONE)}`);
    expect((await one('status')).code).toBe(0);
    const gone = await one('down', '--volumes', '--force', '--json');
    expect(gone.json.data).toMatchObject({ change: 'deleted', deleted: { volumes: [stack.volume(cli, ONE)] } });
    expect(stack.hasVolume(cli, ONE)).toBe(false);
    expect((await one('status')).code).toBe(10);
  });
});
