import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';

const PROJECT = 'e2e-web-access';
const PORT = String(await freePort());
const BASE = `http://127.0.0.1:${PORT}`;
const OTHER = 'https://other.example';

// The tests build on each other: each one uses the stack from the previous one.
describeOnEach(runtimes)('web access', (stack) => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    expect((await run('up', '--port', PORT)).code).toBe(0);
  });

  afterAll(() => {
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  const logIn = async (password: string) => {
    const body = JSON.stringify({ username: 'admin', password });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${BASE}/v2/login`, { method: 'POST', headers, body })).status;
  };
  /** Which origin may read the answer, and send the cookies with it; by a plain request and by a preflight. */
  const allowed = async (origin: string) => {
    const ask = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const answers = await Promise.all([
      fetch(`${BASE}/v1/models`, { headers: { origin } }),
      fetch(`${BASE}/v1/chat/completions`, { method: 'OPTIONS', headers: { origin, ...ask } }),
    ]);
    expect(answers.map(({ headers }) => headers.get('access-control-allow-credentials'))).toEqual([null, null]);
    return answers.map(({ headers }) => headers.get('access-control-allow-origin'));
  };

  it('uses a generated password that only the owner can read', async () => {
    const password = cli.secretsOf(PROJECT).UI_PASSWORD ?? '';
    expect(password).toMatch(/^[0-9a-f]{24}$/);
    expect(statSync(join(cli.home, PROJECT, '.env')).mode & 0o777).toBe(0o600);
    expect([await logIn('admin'), await logIn(password)]).toEqual([401, 200]);
    const shown = await run('ui', '--json', '--reveal');
    expect(shown.json.data).toMatchObject({ username: 'admin', password });
    for (const masked of [await run('ui', '--json'), await run('ui'), await run('up')]) {
      expect(masked.stdout + masked.stderr).not.toContain(password);
    }
  });

  it('allows only web pages of its own addresses', async () => {
    for (const own of [BASE, `http://localhost:${PORT}`]) expect(await allowed(own)).toEqual([own, own]);
    for (const foreign of [OTHER, 'null', `http://127.0.0.1:${Number(PORT) + 1}`]) {
      expect(await allowed(foreign)).toEqual([null, null]);
    }
  });

  it('allows the web pages of --cors-origin from the next up on and remembers them', async () => {
    const id = stack.idOf(cli, PROJECT, 'litellm');
    expect((await run('up', '--cors-origin', OTHER, '--json')).json.data.change).toBe('started');
    expect(stack.idOf(cli, PROJECT, 'litellm')).not.toBe(id);
    expect(await allowed(OTHER)).toEqual([OTHER, OTHER]);
    expect(await allowed('https://evil.example')).toEqual([null, null]);
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
    const doctor = await run('doctor', '--json');
    expect(doctor.json.data.checks.find(({ id }: { id: string }) => id === 'web-origins')).toMatchObject({
      status: 'ok',
      seen: `Its own web pages and those of ${OTHER}`,
    });
  });

  it('refuses to open a well-known password to the network', async () => {
    const { UI_PASSWORD } = cli.secretsOf(PROJECT);
    const refused = await cli.run(
      ['-p', PROJECT, 'up', '--bind', '0.0.0.0', '--ui-password', 'env:UI_PASSWORD', '--json'],
      { UI_PASSWORD: 'admin' },
    );
    expect(refused).toMatchObject({ code: 2, json: { error: { code: 'bind_needs_password' } } });
    expect(cli.secretsOf(PROJECT).UI_PASSWORD).toBe(UI_PASSWORD);
  });
});
