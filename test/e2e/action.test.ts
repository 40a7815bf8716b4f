import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { OpenAI } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Job, runAction } from '../support/composite-action.ts';
import { pathWithCommand } from '../support/shells.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';
const PROJECT = 'e2e-action';
const PORT = String(await freePort());
const inputs = {
  package: fileURLToPath(new URL('../..', import.meta.url)),
  'project-name': PROJECT,
  runtime: 'docker',
  port: PORT,
};

// The steps of both actions, as in a job; npm installs this checkout.
describeOn(onDocker)('the actions for GitHub', () => {
  let root: string;
  let job: Job;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;

  beforeAll(async () => {
    onDocker.remove(undefined, PROJECT);
    before = snapshot();
    upstream = await startUpstream(onDocker);
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'agents-llm-action-'));
    const { PATH = '', DOCKER_HOST } = process.env;
    const env = { PATH, HOME: root, AGENTS_LLM_HOME: join(root, 'home'), ...(DOCKER_HOST && { DOCKER_HOST }) };
    job = { folder: join(root, 'temp'), env, path: [], log: '', failed: false };
  });
  afterEach(() => {
    onDocker.remove(undefined, PROJECT);
    rmSync(root, { recursive: true, force: true });
  });
  afterAll(async () => {
    await upstream.close();
    expectNoLeaks(before);
  });

  it('give the job a gateway and a masked key, and remove everything afterwards', async () => {
    const up = await runAction(
      'action.yml',
      { ...inputs, 'provider-key': PROVIDER_KEY, 'api-base': upstream.url, 'max-budget': '5' },
      job,
    );
    expect(up, job.log).toMatchObject({
      failed: false,
      used: [],
      outputs: { url: `http://127.0.0.1:${PORT}`, 'base-url': `http://127.0.0.1:${PORT}/v1` },
    });
    const { OPENAI_API_KEY: apiKey = '', OPENAI_BASE_URL: baseURL } = job.env;
    expect(baseURL).toBe(up.outputs['base-url']);
    const messages = [{ role: 'user' as const, content: 'ping' }];
    const answer = await new OpenAI({ apiKey, baseURL: baseURL ?? '' }).chat.completions.create({
      model: 'gpt-5',
      messages,
    });
    expect(answer.choices[0]?.message.content).toBe('pong');
    expect(upstream.seen).toEqual([{ key: PROVIDER_KEY, model: 'gpt-4o' }]);

    const secrets = readFileSync(join(root, 'home', PROJECT, '.env'), 'utf8').match(/(?<=^\w+=).{16,}$/gm) ?? [];
    expect(secrets).toHaveLength(4);
    for (const secret of [apiKey, ...secrets]) {
      const lines = job.log.split('\n').filter((line) => line.includes(secret));
      expect(new Set(lines)).toEqual(new Set([`::add-mask::${secret}`]));
    }
    expect(job.log).not.toContain(PROVIDER_KEY);

    const down = await runAction('down/action.yml', {}, job);
    expect(down, job.log).toMatchObject({ failed: false, steps: ['Take the gateway down'], used: [] });
    expect(onDocker.hasVolume(undefined as never, PROJECT)).toBe(false);
    expect(existsSync(join(root, 'home', PROJECT, '.env'))).toBe(false);
  });

  it('configure the gateway from the agents-llm.yaml of the job', async () => {
    const file = `providers:
  upstream: {provider: openai, api_key_env: OPENAI_API_KEY, api_base: "${upstream.url}"}
aliases:
  fast: {target: openai/gpt-4o-mini, provider: upstream}
keys:
  agents-service: {models: [fast]}
`;
    mkdirSync(job.folder);
    writeFileSync(join(job.folder, 'agents-llm.yaml'), file);
    expect(await runAction('action.yml', { ...inputs, 'provider-key': PROVIDER_KEY }, job)).toMatchObject({
      failed: false,
    });
    const { OPENAI_API_KEY: apiKey = '', OPENAI_BASE_URL: baseURL = '' } = job.env;
    const client = new OpenAI({ apiKey, baseURL });
    const messages = [{ role: 'user' as const, content: 'ping' }];
    const answer = await client.chat.completions.create({ model: 'fast', messages });
    expect(answer.choices[0]?.message.content).toBe('pong');
    expect(upstream.seen.at(-1)).toEqual({ key: PROVIDER_KEY, model: 'gpt-4o-mini' });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['fast']);
    expect(job.log).not.toContain(PROVIDER_KEY);
  });

  it("give a fork's pull request without secrets a gateway and a key, and save logs on failure", async () => {
    mkdirSync(job.folder);
    const file = 'providers:\n  openai: {api_key_env: OPENAI_API_KEY}\n';
    for (const withFile of [false, true]) {
      if (withFile) writeFileSync(join(job.folder, 'agents-llm.yaml'), file);
      job.env.OPENAI_API_KEY = '';
      expect(await runAction('action.yml', inputs, job), job.log).toMatchObject({ failed: false });
      expect(job.log.includes('::warning title=agents-llm::agents-llm.yaml is not applied')).toBe(withFile);
      expect(job.env.OPENAI_API_KEY).toMatch(/^sk-/);
    }
    job.failed = true;
    const down = await runAction('down/action.yml', {}, job);
    const logs = join(job.folder, 'agents-llm/logs.txt');
    expect(down, job.log).toMatchObject({
      failed: false,
      steps: ['Gather the logs', 'Keep the logs', 'Take the gateway down'],
      used: [
        {
          uses: 'actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f',
          with: { name: 'agents-llm-logs-test', path: logs },
        },
      ],
    });
    expect(readFileSync(logs, 'utf8')).toMatch(/litellm +\| /);
  });

  it('save the logs when the gateway itself fails and explain why', async () => {
    const bad = { ...inputs, 'provider-key': PROVIDER_KEY, target: 'no-such-provider/x' };
    const up = await runAction('action.yml', bad, job);
    expect(up).toMatchObject({
      failed: true,
      used: [{ with: { path: join(job.folder, 'agents-llm/logs.txt') } }],
    });
    expect(up.steps).not.toContain('Create a virtual key');
    expect(job.log).toMatch(/error: /);
    expect(job.env.OPENAI_API_KEY).toBeUndefined();
    expect(await runAction('down/action.yml', { logs: 'never' }, job)).toMatchObject({ failed: false, used: [] });
    expect(onDocker.hasVolume(undefined as never, PROJECT)).toBe(false);
  });

  it('do the same as the plain shell steps in docs/ci.md', async () => {
    const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
    const script = /## Plain shell\n```sh\n(.*?)```/s.exec(page)?.[1] ?? '';
    const path = pathWithCommand(root);
    const ask =
      'fetch(process.env.OPENAI_BASE_URL + "/models", { headers: { authorization: "Bearer " + process.env.OPENAI_API_KEY } })';
    const npm = `#!/bin/sh\nexec node -e '${ask}.then((answer) => answer.text()).then(console.log)'\n`;
    writeFileSync(join(root, 'bin', 'npm'), npm, { mode: 0o755 });
    writeFileSync(join(root, 'ci.sh'), script.replace('PROJECT_NAME=ci', `PROJECT_NAME=${PROJECT}`));
    const { stdout } = await execa('bash', ['-eu', 'ci.sh'], {
      cwd: root,
      env: {
        ...job.env,
        PATH: path,
        AGENTS_LLM_PORT: PORT,
        AGENTS_LLM_RUNTIME: 'docker',
        OPENAI_API_KEY: PROVIDER_KEY,
      },
      extendEnv: false,
    });
    expect(stdout).toContain('"id":"gpt-5"');
    expect(JSON.parse(readFileSync(join(root, 'up.json'), 'utf8'))).toMatchObject({
      command: 'up',
      ok: true,
      data: { project: PROJECT, runtime: 'docker', change: 'started', url: `http://127.0.0.1:${PORT}` },
    });
    expect(onDocker.hasVolume(undefined as never, PROJECT)).toBe(false);
  });

  it('stop nothing that they did not start', async () => {
    const down = await runAction('down/action.yml', { logs: 'always' }, job);
    expect(down).toMatchObject({ failed: false, steps: ['Gather the logs', 'Keep the logs', 'Take the gateway down'] });
  });
});
