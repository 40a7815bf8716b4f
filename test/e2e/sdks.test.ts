import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itUnless } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { fromNpm, fromPypi } from './support/real-programs.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';
const PROJECT = 'e2e-sdks';
const PORT = String(await freePort());

const [openai, anthropic, python] = await Promise.all([
  fromNpm('openai', '6.49.0'),
  fromNpm('@anthropic-ai/sdk', '1.14.0'),
  fromPypi('openai==3.57.0', 'anthropic==2.14.0'),
]);
const moduleOf = (folder: string | undefined, name: string) => JSON.stringify(join(folder ?? '', 'node_modules', name));

/** Each asks at once and in a stream, and prints both answers. */
const OPENAI_JS = `
const { OpenAI } = require(${moduleOf(openai.folder, 'openai')});
const client = new OpenAI({ maxRetries: 0 });
const asked = { model: 'gpt-5', messages: [{ role: 'user', content: 'ping' }] };
(async () => {
  const whole = await client.chat.completions.create(asked);
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true }))
    streamed += chunk.choices[0]?.delta.content ?? '';
  const response = await client.responses.create({ model: 'gpt-5', input: 'ping' });
  console.log(whole.choices[0].message.content, streamed, response.output_text);
})();`;

const ANTHROPIC_JS = `
const { Anthropic } = require(${moduleOf(anthropic.folder, '@anthropic-ai/sdk')});
const baseURL = process.env.OPENAI_BASE_URL.replace(/\\/v1$/, '');
const client = new Anthropic({ baseURL, apiKey: process.env.OPENAI_API_KEY, maxRetries: 0 });
const asked = { model: 'gpt-5', max_tokens: 100, messages: [{ role: 'user', content: 'ping' }] };
(async () => {
  const whole = await client.messages.create(asked);
  const streamed = await client.messages.stream(asked).finalText();
  console.log(whole.content[0].text, streamed);
})();`;

const OPENAI_PY = `
from openai import OpenAI
client = OpenAI(max_retries=0)
asked = {'model': 'gpt-5', 'messages': [{'role': 'user', 'content': 'ping'}]}
whole = client.chat.completions.create(**asked).choices[0].message.content
chunks = client.chat.completions.create(**asked, stream=True)
streamed = ''.join(chunk.choices[0].delta.content or '' for chunk in chunks if chunk.choices)
print(whole, streamed, client.responses.create(model='gpt-5', input='ping').output_text)`;

const ANTHROPIC_PY = `
import os
from anthropic import Anthropic
url = os.environ['OPENAI_BASE_URL'].removesuffix('/v1')
client = Anthropic(base_url=url, api_key=os.environ['OPENAI_API_KEY'], max_retries=0)
asked = {'model': 'gpt-5', 'max_tokens': 100, 'messages': [{'role': 'user', 'content': 'ping'}]}
with client.messages.stream(**asked) as stream:
    streamed = stream.get_final_text()
print(client.messages.create(**asked).content[0].text, streamed)`;

const interpreter = join(python.folder ?? '', 'bin', 'python');

describeOn(onDocker)('SDKs started by run', () => {
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    cli.run(['-p', PROJECT, ...args], { AGENTS_LLM_DEBUG: '', ...env });

  beforeAll(async () => {
    onDocker.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    upstream = await startUpstream(onDocker);
    expect((await run(['up', '--port', PORT])).code).toBe(0);
    const provider = ['provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url];
    expect((await run(provider, { MY_KEY: PROVIDER_KEY })).code).toBe(0);
    const alias = ['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai', '--drop-params'];
    expect((await run(alias)).code).toBe(0);
  });

  afterAll(async () => {
    await upstream.close();
    onDocker.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  const answers = async (command: readonly string[], expected: string) => {
    const seen = upstream.seen.length;
    const { code, stdout, stderr } = await run(['run', '--', ...command]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(`${expected}\n`);
    const arrived = upstream.seen.slice(seen).map(({ key, model }) => `${model} with ${key}`);
    expect(new Set(arrived)).toEqual(new Set([`gpt-4o with ${PROVIDER_KEY}`]));
  };

  itUnless(openai.missing)('openai for Node', () => answers([process.execPath, '-e', OPENAI_JS], 'pong pong pong'));
  itUnless(anthropic.missing)('@anthropic-ai/sdk', () => answers([process.execPath, '-e', ANTHROPIC_JS], 'pong pong'));
  itUnless(python.missing)('openai for Python', () => answers([interpreter, '-c', OPENAI_PY], 'pong pong pong'));
  itUnless(python.missing)('anthropic for Python', () => answers([interpreter, '-c', ANTHROPIC_PY], 'pong pong'));

  it('one key serves them all', async () => {
    const { keys } = (await run(['key', 'list', '--json'])).json.data;
    expect(keys.map(({ alias }: { alias: string }) => alias)).toEqual(['agents-service']);
  });
});
