import { randomBytes } from 'node:crypto';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../../scripts/free-port.js';
import { type Cli, createCli } from './cli.ts';
import { expectNoLeaks, snapshot } from './leaks.ts';
import { describeOn, type StackUnderTest } from './stack-under-test.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';

/**
 * From an empty machine to an answer, and across a stop. Each run has its own project and port,
 * so it affects neither the user's stacks nor another run.
 */
export function tellStory(stack: StackUnderTest): void {
  describeOn(stack)(`the first steps on ${stack.name}`, () => {
    const project = `story-${randomBytes(4).toString('hex')}`;
    let cli: Cli;
    let upstream: Upstream;
    let before: ReturnType<typeof snapshot>;
    let baseURL = '';
    let apiKey = '';

    const run = (...args: string[]) =>
      cli.run(['-p', project, ...args, '--json'], { MY_KEY: PROVIDER_KEY, AGENTS_LLM_DEBUG: '' });
    const data = async (...args: string[]) => {
      const { code, json, stderr } = await run(...args);
      expect(code, `${json.error?.message}\n${stderr}`).toBe(0);
      return json.data;
    };
    const answer = async () => {
      const client = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
      const messages = [{ role: 'user' as const, content: 'ping' }];
      return (await client.chat.completions.create({ model: 'gpt-5', messages })).choices[0]?.message.content;
    };

    beforeAll(async () => {
      before = snapshot();
      cli = createCli(stack);
      upstream = await startUpstream(stack);
    });

    afterAll(async () => {
      await upstream.close();
      stack.remove(cli, project);
      cli.dispose();
      expectNoLeaks(before);
    });

    it('starts from nothing', async () => {
      const up = await data('up', '--timeout', '9m', '--port', String(await freePort()));
      expect(up.change).toBe('started');
      baseURL = `${up.url}/v1`;
    });

    it('has a provider key, an alias and a virtual key', async () => {
      const added = await data('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url);
      const alias = await data('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai');
      const key = await data('provision-key');
      expect([added.change, alias.change, key.change]).toEqual(['created', 'created', 'created']);
      apiKey = key.key;
    });

    it('answers with the provider key and the target of the alias', async () => {
      expect(await answer()).toBe('pong');
      expect(upstream.seen).toEqual([{ key: PROVIDER_KEY, model: 'gpt-4o' }]);
    });

    it('stops and starts again', async () => {
      expect((await data('down')).change).toBe('stopped');
      expect((await data('up', '--timeout', '9m')).change).toBe('started');
    });

    it('still has all of it', async () => {
      expect(await data('status')).toMatchObject({ state: 'ready', models: 1, keys: 1 });
      expect(await answer()).toBe('pong');
    });

    it('is deleted without a trace', async () => {
      expect((await data('down', '--volumes', '--no-backup', '--force')).change).toBe('deleted');
      expect((await run('status')).json.data.state).toBe('not-created');
      expect(stack.hasVolume(cli, project)).toBe(false);
    });
  });
}
