import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itWhere } from '../support/skipping.ts';
import { type Cli, type CliResult, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-persist';
const PORT = String(await freePort());
const BASE = `http://127.0.0.1:${PORT}`;
const PROVIDER_KEY = 'sk-provider-key-0123456789';

// The tests build on each other: each one uses the stack from the previous one.
describeOnEach(runtimes)('persistent data', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  let key = '';
  const secrets = new Set<string>();
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_KEY: PROVIDER_KEY });
  const folder = () => join(cli.home, PROJECT);
  const env = () => readFileSync(join(folder(), '.env'), 'utf8');
  const backups = () => readdirSync(join(folder(), 'backups'));
  const note = () => {
    for (const value of Object.values(cli.secretsOf(PROJECT))) if (value.length > 6) secrets.add(value);
  };
  const chat = async () => {
    const client = new OpenAI({ apiKey: key, baseURL: `${BASE}/v1`, maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: 'ping' }],
    });
    return answer.choices[0]?.message.content;
  };
  const sql = (script: string) => stack.sql(cli, PROJECT, script);
  /** `docker compose` with other files than the command's own. */
  const compose = (...args: string[]) => {
    const given = ['-p', PROJECT, '--project-directory', folder(), '-f', join(process.cwd(), 'docker-compose.yml')];
    execFileSync('docker', ['compose', ...given, ...args], { stdio: 'pipe' });
  };
  const failedChecks = ({ json }: CliResult) =>
    json.error.details.checks.filter(({ ok }: { ok: boolean }) => !ok).map(({ id }: { id: string }) => id);
  const removeContainers = (...services: string[]) => {
    const names = (services.length > 0 ? services : ['litellm', 'litellm-db']).map((name) => `${PROJECT}-${name}-1`);
    docker('rm', '-f', '-v', ...names);
  };
  const untilReady = async () => {
    while ((await run('status')).code !== 0) await new Promise((resolve) => setTimeout(resolve, 500));
  };

  /** Resolves when stderr holds the text; fails when the command ends before. */
  const startUntil = async (text: string, ...args: string[]) => {
    const started = cli.start(['-p', PROJECT, ...args]);
    await new Promise<void>((resolve, reject) => {
      started.child.stderr?.on('data', (chunk) => String(chunk).includes(text) && resolve());
      void started.result.then(({ stderr }) => reject(new Error(`it never said "${text}": ${stderr}`)));
    });
    return started;
  };

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    expect((await run('up', '--port', PORT)).code).toBe(0);
    const add = ['provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url];
    expect((await run(...add)).code).toBe(0);
    expect((await run('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai')).code).toBe(0);
    const master = cli.secretsOf(PROJECT).LITELLM_MASTER_KEY;
    const team = await fetch(`${BASE}/team/new`, {
      method: 'POST',
      headers: { authorization: `Bearer ${master}`, 'content-type': 'application/json' },
      body: JSON.stringify({ team_alias: 'core' }),
    });
    expect(team.status).toBe(200);
    key = (await run('provision-key')).stdout.trim();
    note();
  });

  afterAll(async () => {
    const seen = cli.everythingSeen();
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
    for (const value of secrets) expect(seen.includes(value), 'a secret was shown').toBe(false);
    expect(seen).not.toContain(PROVIDER_KEY);
  });

  it('survives a restart, and the canaries are deleted', async () => {
    const verified = await run('verify-persistence', '--json');
    expect(verified.json).toMatchObject({
      ok: true,
      data: { mode: 'recreate', inventory: { providers: 1, aliases: 1, keys: 1, teams: 1 }, losses: [] },
    });
    expect(verified.json.data.checks.map(({ id }: { id: string }) => id)).toEqual([
      'volume',
      'identity',
      'inventory',
      'readable',
      'canary',
    ]);
    expect(await chat()).toBe('pong');
    expect(await sql(`SELECT count(*) FROM "LiteLLM_ProxyModelTable"`)).toBe('1');
    expect(await sql(`SELECT count(*) FROM "LiteLLM_VerificationToken"`)).toBe('1');
  });

  it('contains no canary after Ctrl-C during the check', async () => {
    const { child, result } = await startUntil('Stopping the services', 'verify-persistence', '--restart');
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect(await sql(`SELECT count(*) FROM "LiteLLM_CredentialsTable" WHERE credential_name <> 'openai'`)).toBe('0');
    expect((await run('up')).code).toBe(0);
    expect((await run('key', 'list', '--json')).json.data.keys).toHaveLength(1);
  });

  it('may lose a key that was deleted in LiteLLM, and the check reports it', async () => {
    expect((await run('provision-key', '--alias', 'of-the-ui')).code).toBe(0);
    const deleted = await fetch(`${BASE}/key/delete`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ key_aliases: ['of-the-ui'] }),
    });
    expect(deleted.status).toBe(200);
    const verified = await run('verify-persistence', '--no-restart', '--json');
    expect([verified.code, verified.json.warnings]).toEqual([
      0,
      [expect.stringMatching(/^The saved virtual key of-the-ui was deleted in LiteLLM\. .* key revoke of-the-ui$/)],
    ]);
    expect((await run('key', 'revoke', 'of-the-ui')).code).toBe(0);
  });

  it('is reported lost when a row is deleted behind the API or a key table is emptied', async () => {
    const backup = await run('backup', '--json');
    expect(backup.json.data.manifest.counts).toEqual({ providers: 1, aliases: 1, keys: 1, teams: 1 });
    await sql(`DELETE FROM "LiteLLM_CredentialsTable"; DELETE FROM "LiteLLM_VerificationToken";`);
    const verified = await run('verify-persistence', '--no-restart', '--json');
    expect(verified.code).toBe(9);
    expect(verified.json.error).toMatchObject({
      code: 'data_lost',
      details: {
        losses: [
          { kind: 'provider', name: 'openai', what: 'lost' },
          { kind: 'key', name: 'agents-service', what: 'lost' },
        ],
      },
    });
    const restored = await run('restore', 'latest', '--force', '--json');
    expect(restored.json.data).toMatchObject({ counts: { providers: 1, aliases: 1, keys: 1, teams: 1 } });
    expect(restored.json.data.backup).toMatch(/-restore\.dump$/);
    expect(await chat()).toBe('pong');
  });

  itWhere(isDocker)('is found in an anonymous volume, and nothing is restarted', async () => {
    const overlay = join(folder(), 'unmounted.yml');
    writeFileSync(overlay, 'services:\n  litellm-db:\n    volumes: !override []\n');
    const files = ['--env-file', join(folder(), '.env'), '--env-file', join(folder(), 'compose.env')];
    // Compose would reuse the mounts of the old containers.
    removeContainers();
    compose('-f', overlay, ...files, 'up', '-d');
    while ((await run('status', '--json')).json.data.state !== 'ready')
      await new Promise((resolve) => setTimeout(resolve, 500));
    const started = docker('inspect', '--format', '{{.State.StartedAt}}', `${PROJECT}-litellm-1`);
    const verified = await run('verify-persistence', '--json');
    expect(verified.code).toBe(9);
    expect(failedChecks(verified)).toContain('volume');
    expect(verified.json.error.message).toContain('an anonymous volume');
    expect(docker('inspect', '--format', '{{.State.StartedAt}}', `${PROJECT}-litellm-1`)).toBe(started);
    removeContainers();
    compose(...files, 'up', '-d');
    await untilReady();
  });

  it('is protected from another salt key before anything starts', async () => {
    const good = env();
    const bad = good.replace(/LITELLM_SALT_KEY=.*/, 'LITELLM_SALT_KEY=another-salt-key');
    writeFileSync(join(folder(), '.env'), bad);
    for (const command of ['up', 'restart', 'verify-persistence', 'backup']) {
      const refused = await run(command, '--json');
      expect([command, refused.code, refused.json.error.code]).toEqual([command, 9, 'secrets_changed']);
      expect(refused.json.error.details.changed).toEqual(['LITELLM_SALT_KEY']);
    }
    writeFileSync(join(folder(), '.env'), good);
  });

  itWhere(isDocker)('is checked against the salt key of the running gateway', async () => {
    const good = env();
    writeFileSync(join(folder(), '.env'), good.replace(/LITELLM_SALT_KEY=.*/, 'LITELLM_SALT_KEY=another-salt-key'));
    compose('--env-file', join(folder(), '.env'), '--env-file', join(folder(), 'compose.env'), 'up', '-d');
    writeFileSync(join(folder(), '.env'), good);
    await untilReady();
    const verified = await run('verify-persistence', '--no-restart', '--json');
    expect(failedChecks(verified)).toEqual(['readable']);
    expect(verified.json.error.details.losses).toMatchObject([
      { kind: 'provider', name: 'openai', what: 'unreadable' },
      { kind: 'alias', name: 'gpt-5', what: 'unreadable' },
    ]);
    expect((await run('restart')).code).toBe(0);
    expect(await chat()).toBe('pong');
  });

  it('is unchanged by a broken archive and by one with another salt key', async () => {
    const file = join(folder(), 'whole.dump');
    expect((await run('backup', file)).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 10);
    const broken = await run('restore', file, '--force', '--json');
    expect([broken.code, broken.json.error.code]).toEqual([9, 'backup_invalid']);
    writeFileSync(file, whole);
    const manifest = join(folder(), 'whole.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, text.replace(/"saltKey": \[\s+"[0-9a-f]+"/, '"saltKey": ["0"'));
    const other = await run('restore', file, '--force', '--json');
    expect([other.code, other.json.error.code]).toEqual([9, 'backup_unreadable']);
    expect(await chat()).toBe('pong');
  });

  it('leaves no file that looks like a backup when the disk is full', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root may mount a small disk');
    const disk = join(folder(), 'disk');
    execFileSync('mkdir', [disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    try {
      const full = await run('backup', join(disk, 'x.dump'), '--json');
      expect([full.code, full.json.error.code]).toEqual([1, 'state_full']);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('is restored by the next up after a restore was killed halfway', async () => {
    const { child, result } = await startUntil('Starting the gateway', 'restore', 'latest', '--force', '--no-backup');
    child.kill('SIGKILL');
    expect((await result).code).toBe(137);
    expect(existsSync(join(folder(), '.env.before-restore'))).toBe(true);
    expect((await run('up')).code).toBe(0);
    expect(existsSync(join(folder(), '.env.before-restore'))).toBe(false);
    expect(await sql('SELECT count(*) FROM pg_database')).toBe('4');
    expect(await chat()).toBe('pong');
  });

  it('is restored completely after everything was deleted', async () => {
    const gone = await run('down', '--volumes', '--force', '--json');
    expect(gone.json.data.backup).toMatch(/-down\.dump$/);
    expect(stack.hasVolume(cli, PROJECT)).toBe(false);
    expect(existsSync(join(folder(), '.env'))).toBe(false);
    const restored = await cli.run(['-p', PROJECT, 'restore', 'latest', '--json'], { AGENTS_LLM_PORT: PORT });
    expect(restored.json.data).toMatchObject({ counts: { providers: 1, aliases: 1, keys: 1, teams: 1 }, backup: null });
    note();
    expect(await chat()).toBe('pong');
    expect((await run('provision-key')).stdout.trim()).toBe(key);
    expect((await run('verify-persistence', '--no-restart')).code).toBe(0);
  });

  it('is refused when it was swapped or is missing', async () => {
    await sql(`UPDATE agents_llm.stack SET id = 'of another stack'`);
    await (isDocker ? removeContainers() : run('down'));
    const swapped = await run('up', '--json');
    expect([swapped.code, swapped.json.error.code]).toEqual([9, 'data_replaced']);
    expect(
      (await run('status', '--json')).json.data.services.map(({ status }: { status: string }) => status),
    ).not.toContain('running');
    if (isDocker) {
      removeContainers('litellm-db');
      docker('volume', 'rm', stack.volume(cli, PROJECT));
    } else rmSync(stack.volume(cli, PROJECT), { recursive: true });
    const gone = await run('up', '--json');
    expect([gone.code, gone.json.error.code]).toEqual([9, 'data_gone']);
    expect(backups().some((name) => name.endsWith('.tmp'))).toBe(false);
  });
});
