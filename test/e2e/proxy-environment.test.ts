import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itUnless } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { environmentInGateway, readInGateway } from './support/inside-gateway.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { noStranger, STRANGER, tryFileAs } from './support/stranger.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-environment';
const PORT = String(await freePort());
const SECRET = 'first line of it\n$HOME "second" \'line\'\n';
const AWS_SECRET = 'secret-of-the-corp-profile-1';
const AWS_FILES = {
  credentials: `[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = another-secret-1
[corp]\naws_access_key_id = AKIACORP\naws_secret_access_key = ${AWS_SECRET}\n`,
  config: '[default]\nregion = us-east-1\n[profile corp]\nregion = eu-west-1\n',
};

/** The environment of the gateway process over two starts. */
describeOnEach(runtimes)('variables of the gateway', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let folder: string;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    cli.run(['-p', PROJECT, ...args], env, folder);
  const write = (text: string) => writeFileSync(join(folder, 'agents-llm.yaml'), `name: e2e\n${text}`);
  const inGateway = () => environmentInGateway(stack, cli, PROJECT);

  /** Where the files that variables name are on this machine, as the gateway finds them. */
  const onMachine = (path: string) =>
    isDocker ? join(cli.home, PROJECT, 'gateway-files', path.split('/').at(-1) ?? '') : path;

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-environment-'));
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    rmSync(folder, { recursive: true, force: true });
    expectNoLeaks(before);
  });

  it('arrive unchanged, secrets and files included, and are visible only to the gateway', async () => {
    writeFileSync(join(folder, 'sa.json'), '{"private_key": "of the account"}\n');
    const many = Array.from({ length: 100 }, (_, i) => `  MANY_${i}: "${i}"\n`).join('');
    write(`env:\n  PLAIN: "$HOME #1"\n  CALLBACK_SECRET: {from: MINE}\n  ACCOUNT: {file: sa.json}\n${many}`);
    const up = await run(['up', '--port', PORT, '--env', 'FROM_FLAG=yes'], { MINE: SECRET });
    expect(up).toMatchObject({ code: 0, stderr: expect.stringContaining('The gateway gets a copy of') });
    const given = inGateway();
    expect(given).toMatchObject({ PLAIN: '$HOME #1', CALLBACK_SECRET: SECRET, FROM_FLAG: 'yes', MANY_99: '99' });
    expect(readInGateway(stack, PROJECT, given.ACCOUNT ?? '')).toBe('{"private_key": "of the account"}');
    expect(statSync(join(cli.home, PROJECT, 'environment.json')).mode & 0o777).toBe(0o600);
    for (const line of SECRET.trim().split('\n')) expect(cli.everythingSeen()).not.toContain(line);
  });

  it('stay when nothing changes and are in a backup with secrets', async () => {
    expect((await run(['up', '--json'])).json.data.change).toBe('unchanged');
    expect((await run(['backup', join(folder, 'b.dump'), '--with-secrets'])).code).toBe(0);
    expect(readFileSync(join(folder, 'b.env'), 'utf8')).toMatch(/^AGENTS_LLM_ENVIRONMENT=[\w-]+$/m);
  });

  it('are removed with their lines at the next `up`, which `apply` asks for', async () => {
    write('env:\n  CALLBACK_SECRET: {from: MINE}\n');
    expect((await run(['apply', '--json'])).json.warnings).toContainEqual(
      expect.stringContaining('The gateway does not have the variables of agents-llm.yaml yet'),
    );
    expect((await run(['up', '--env', 'off', '--json'])).json.data.change).toBe('started');
    const given = inGateway();
    expect(given.CALLBACK_SECRET).toBe(SECRET);
    for (const name of ['PLAIN', 'FROM_FLAG', 'ACCOUNT', 'MANY_1']) expect(given).not.toHaveProperty(name);
    for (const line of SECRET.trim().split('\n')) expect(cli.everythingSeen()).not.toContain(line);
  });

  it('name a profile or a file that is missing before anything is started', async () => {
    const id = stack.idOf(cli, PROJECT, 'litellm');
    for (const [text, message] of [
      ['aws: {profile: corp}\n', /^AWS profile corp not found in .*\.aws$/],
      ['env:\n  GOOGLE_APPLICATION_CREDENTIALS: {file: gone.json}\n', /^Cannot read .*gone\.json, .* \(ENOENT\)$/],
    ] as const) {
      write(text);
      const refused = await run(['up', '--json']);
      expect([refused.code, refused.json.error]).toMatchObject([2, { message: expect.stringMatching(message) }]);
    }
    expect(stack.idOf(cli, PROJECT, 'litellm')).toBe(id);
  });

  it("sign calls to Bedrock with the profile's key", async () => {
    const aws = join(dirname(cli.home), '.aws');
    mkdirSync(aws);
    for (const [name, text] of Object.entries(AWS_FILES)) writeFileSync(join(aws, name), text, { mode: 0o600 });
    const endpoint = upstream.url.replace(/\/v1$/, '');
    write(`aws: {profile: corp}
env:
  GOOGLE_APPLICATION_CREDENTIALS: {file: sa.json}
litellm:
  model_list:
    - model_name: bedrock
      litellm_params: {model: bedrock/us.anthropic.claude-opus-4-8-v1, aws_bedrock_runtime_endpoint: "${endpoint}"}
`);
    const up = await run(['up', '--json']);
    expect(up).toMatchObject({ code: 0, json: { data: { change: 'started' } } });
    expect(up.stderr).toContain(`The gateway gets a copy of ${join(aws, 'credentials')} (AWS_SHARED_CREDENTIALS_FILE)`);
    const response = await fetch(`http://127.0.0.1:${PORT}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: 'bedrock', messages: [{ role: 'user', content: 'ping' }] }),
    });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('pong')]);
    expect(upstream.seen.at(-1)?.key).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIACORP\/\d+\/eu-west-1\/bedrock\/aws4_request, /,
    );
    expect(statSync(join(aws, 'credentials')).mode & 0o777).toBe(0o600);
    expect(cli.everythingSeen()).not.toContain(AWS_SECRET);
  });

  it('leave the keys of other AWS profiles out', () => {
    const credentials = readInGateway(stack, PROJECT, inGateway().AWS_SHARED_CREDENTIALS_FILE ?? '');
    expect(credentials).toContain('AKIACORP');
    expect(credentials).not.toContain('AKIADEFAULT');
  });

  itUnless(noStranger)('give the gateway files that it cannot change and other users cannot read', () => {
    const given = inGateway();
    expect(given).toMatchObject({ AWS_PROFILE: 'corp' });
    const names = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'GOOGLE_APPLICATION_CREDENTIALS'];
    for (const path of names.map((name) => given[name] ?? '')) {
      expect(readInGateway(stack, PROJECT, path)).not.toBe('');
      const write = () =>
        isDocker
          ? docker('exec', '-u', '0', `${PROJECT}-litellm-1`, 'sh', '-c', `echo x >> ${path}`)
          : tryFileAs(statSync(dirname(path)).uid, 'write', path);
      if (isDocker) expect(write).toThrow('Read-only file system');
      else expect(write()).toBe('EACCES');
      expect(tryFileAs(STRANGER, 'read', onMachine(path))).toBe('EACCES');
    }
  });

  it('leave no copy of the files when their lines are removed', async () => {
    const path = inGateway().AWS_SHARED_CREDENTIALS_FILE ?? '';
    expect(existsSync(onMachine(path))).toBe(true);
    write('');
    expect((await run(['up', '--json'])).json.data.change).toBe('started');
    const given = inGateway();
    for (const name of ['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])
      expect(given).not.toHaveProperty(name);
    expect(existsSync(dirname(onMachine(path)))).toBe(false);
    expect(existsSync(join(cli.home, PROJECT, 'environment.json'))).toBe(false);
  });
});
