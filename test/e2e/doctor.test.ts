import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itWhere } from '../support/skipping.ts';
import { type Cli, type CliResult, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';

const PROJECT = 'e2e-doctor';
const PORT = String(await freePort());

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly seen: string;
  readonly fix: string | null;
}

// The tests build on each other: each one uses the stack from the previous one.
describeOnEach(runtimes)('doctor', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  let secrets: Record<string, string> = {};
  const one = (args: readonly string[], env?: NodeJS.ProcessEnv) => cli.run(['-p', PROJECT, ...args], env);
  const doctor = (env?: NodeJS.ProcessEnv) => one(['doctor', '--json'], env);
  const file = (name: string) => join(cli.home, PROJECT, name);
  const failing = ({ json }: CliResult) =>
    (json.data.checks as Shown[]).filter(({ status }) => status === 'fail').map(({ id }) => id);
  const shown = ({ json }: CliResult, id: string): Shown =>
    (json.data.checks as Shown[]).find((check) => check.id === id) as Shown;

  beforeAll(() => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
  });

  afterAll(() => {
    const seen = cli.everythingSeen();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
    for (const [name, value] of Object.entries(secrets).filter(([, text]) => text.length > 6)) {
      expect(seen.includes(value), `${name} was shown`).toBe(false);
    }
  });

  it('finds no problem before the first up and creates nothing', async () => {
    const found = await doctor({ AGENTS_LLM_PORT: PORT });
    expect([failing(found), found.code]).toEqual([[], 0]);
    expect(shown(found, 'services')).toMatchObject({ status: 'skip', seen: expect.stringContaining('No stack yet') });
    const others = isDocker ? ['python', 'data-folder'] : ['docker-cli', 'context', 'engine', 'compose', 'clock'];
    for (const id of others) expect(shown(found, id).status, id).toBe('skip');
    expect(() => statSync(cli.home)).toThrow('ENOENT');
  });

  it('finds no problem in a fresh stack', async () => {
    expect((await one(['up', '--port', PORT])).code).toBe(0);
    secrets = cli.secretsOf(PROJECT);
    const found = await doctor();
    expect([failing(found), found.code, found.json.data.worst]).toEqual([[], 0, null]);
    expect(found.json.data.databaseSize).toMatchObject({ tables: { length: 5 }, logRetention: '30d' });
    for (const id of [
      'readiness',
      'master-key',
      'database',
      'database-size',
      'volume',
      'data-identity',
      'readable',
      'port',
      'services',
    ]) {
      expect(shown(found, id), id).toMatchObject({ status: 'ok' });
    }
    expect(shown(found, isDocker ? 'engine' : 'python').status).toBe('ok');
  });

  it('finds problems in the data of the gateway and does not change it', async () => {
    const env = { OPENAI_API_KEY: 'sk-provider-0123456789' };
    await one(['provider', 'add', 'openai', '--from-env', 'OPENAI_API_KEY'], env);
    await one(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai']);
    await one(['provision-key', '--duration', '3d', '-q']);
    await post('/key/generate', { key_alias: 'agents-llm-canary-e2e', duration: '1h' });
    await post('/model/new', {
      model_name: 'gpt-5',
      litellm_params: { model: 'openai/gpt-4o-mini', litellm_credential_name: 'openai' },
    });
    expect(shown(await doctor(), 'alias-credentials').status).toBe('ok');
    expect((await one(['provider', 'remove', 'openai', '--force'])).code).toBe(0);
    const found = await doctor();
    expect([failing(found), found.code]).toEqual([['alias-credentials'], 8]);
    expect(shown(found, 'alias-rows').seen).toContain('gpt-5 has 2 targets');
    expect(shown(found, 'expiring-keys').seen).toMatch(/^agents-service expires in 2 d/);
    expect(shown(found, 'canaries').seen).toContain('agents-llm-canary-e2e');
    expect(shown(await doctor(), 'canaries').status).toBe('warn');
    await one(['provider', 'add', 'openai', '--from-env', 'OPENAI_API_KEY'], env);
  });

  it('finds open files, a stale lock and canaries, and --fix repairs them', async () => {
    chmodSync(file('.env'), 0o644);
    writeFileSync(file('lock'), '{"pid":2147483647,"identity":"x","command":"up","since":"then","token":"t"}');
    const found = await doctor();
    expect([failing(found), found.code]).toEqual([['file-modes'], 1]);
    expect(shown(found, 'lock').status).toBe('warn');
    const fixed = await one(['doctor', '--fix', '--json']);
    expect(fixed.json.data.fixed.map(({ id }: Shown) => id)).toEqual(['file-modes', 'lock', 'canaries']);
    expect([failing(fixed), fixed.code]).toEqual([[], 0]);
    expect(statSync(file('.env')).mode & 0o777).toBe(0o600);
    for (const id of ['lock', 'canaries', 'file-modes']) expect(shown(fixed, id).status, id).toBe('ok');
    expect(cli.secretsOf(PROJECT)).toEqual(secrets);
  });

  it('finds a secret that does not match the data', async () => {
    const text = readFileSync(file('.env'), 'utf8');
    writeFileSync(file('.env'), text.replace(/^LITELLM_MASTER_KEY=.*/m, 'LITELLM_MASTER_KEY=sk-00112233445566778899'));
    const found = await doctor();
    writeFileSync(file('.env'), text);
    expect([failing(found), found.code]).toEqual([['secrets-drift', 'master-key'], 9]);
  });

  it('finds the data of another stack', async () => {
    const id = await stack.sql(cli, PROJECT, 'SELECT id FROM agents_llm.stack');
    await stack.sql(cli, PROJECT, "UPDATE agents_llm.stack SET id = 'another'");
    const found = await doctor();
    await stack.sql(cli, PROJECT, `UPDATE agents_llm.stack SET id = '${id}'`);
    expect([failing(found), found.code]).toEqual([['data-identity'], 9]);
  });

  it('finds rows that LiteLLM does not show', async () => {
    const row = `INSERT INTO "LiteLLM_CredentialsTable" (credential_id, credential_name, credential_values, created_by, updated_by)
      VALUES ('e2e', 'hidden', '{"api_key":"x"}', 'e2e', 'e2e')`;
    await stack.sql(cli, PROJECT, row);
    const found = shown(await doctor(), 'readable');
    await stack.sql(cli, PROJECT, `DELETE FROM "LiteLLM_CredentialsTable" WHERE credential_id = 'e2e'`);
    expect(found.status).not.toBe('ok');
    expect(found.seen).toContain('provider hidden is unreadable');
  });

  it('finds a lost database', async () => {
    stack.stop(cli, PROJECT, 'litellm-db');
    const found = await until(doctor, (seen) => failing(seen).includes('services'));
    expect(failing(found)).toContain('services');
    expect([7, 9]).toContain(found.code);
  });

  it('recognizes a stopped stack', async () => {
    expect((await one(['down'])).code).toBe(0);
    const found = await doctor();
    expect([failing(found), found.code]).toEqual([[], 0]);
    expect(shown(found, 'services')).toMatchObject({
      status: 'warn',
      fix: `Start the stack: agents-llm -p ${PROJECT} up`,
    });
    expect(shown(found, 'port')).toMatchObject({ status: 'ok', seen: `Port ${PORT} on 127.0.0.1 is free` });
  });

  itWhere(isDocker)('finds that the engine is missing', async () => {
    const found = await doctor({ DOCKER_HOST: 'unix:///nonexistent.sock' });
    expect([failing(found), found.code]).toEqual([['engine'], 5]);
    const none = await doctor({ PATH: '/nonexistent' });
    expect([failing(none), none.code]).toEqual([['docker-cli'], 5]);
  });

  itWhere(!isDocker)('finds a data directory with unsafe permissions and restricts it', async () => {
    chmodSync(stack.volume(cli, PROJECT), 0o755);
    const found = await doctor();
    expect([failing(found), found.code]).toEqual([['data-folder'], 7]);
    const fixed = await one(['doctor', '--fix', '--json']);
    expect([failing(fixed), fixed.json.data.fixed.map(({ id }: Shown) => id)]).toEqual([[], ['data-folder']]);
    expect(statSync(stack.volume(cli, PROJECT)).mode & 0o777).toBe(0o700);
  });

  async function post(path: string, body: object): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${PORT}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secrets.LITELLM_MASTER_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status, path).toBe(200);
  }

  /** The gateway's status of its database can be 15 s old. */
  async function until(look: () => Promise<CliResult>, is: (seen: CliResult) => boolean): Promise<CliResult> {
    for (let i = 0; ; i += 1) {
      const seen = await look();
      if (is(seen) || i === 20) return seen;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
});
