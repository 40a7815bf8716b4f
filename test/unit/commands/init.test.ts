import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type InitFlags, renderInit, runInit } from '../../../src/commands/init.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { caught } from '../../support/caught.ts';
import { fakeInvocation } from '../../support/fake-invocation.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
  await put('config.yaml', 'model_list: [{model_name: a, litellm_params: {model: openai/a}}]\ncache: true\n');
});

const put = async (name: string, text: string) => {
  await mkdir(join(home, name, '..'), { recursive: true });
  await writeFile(join(home, name), text);
};
const file = () => join(home, 'agents-llm.yaml');
const init = async (flags: InitFlags) => {
  const given = fakeInvocation({ home, env: {} });
  return (await runInit({ file: file(), ...flags }, { ...given, context: { ...given.context, cwd: home } })).data;
};

test('writes the file from a config.yaml and says what became of each line', async () => {
  const data = await init({ fromLitellm: 'config.yaml' });
  expect(data).toMatchObject({ change: 'created', file: 'agents-llm.yaml' });
  expect(await readFile(file(), 'utf8')).toBe(data.imported?.text);
  expect(data.imported?.text).toContain('aliases:\n  a:\n    target: openai/a\n    provider: openai\n');
  expect(renderInit(data)).toContain(
    'config.yaml:1: taken    model_list.0: alias a, provider openai\nconfig.yaml:2: ignored  cache: LiteLLM does not read this here',
  );
  expect(data.nextSteps).toEqual(['export OPENAI_API_KEY=…', 'npx agents-llm up']);
});

test('a dry run shows the text and writes nothing', async () => {
  const data = await init({ fromLitellm: 'config.yaml', dryRun: true });
  expect(renderInit(data)).toContain(`\n${data.imported?.text}\nagents-llm.yaml: not written (--dry-run)\n`);
  await expect(readFile(file())).rejects.toThrow('ENOENT');
});

test('replaces a file only by force where nobody can be asked', async () => {
  await put('agents-llm.yaml', 'port: 4001\n');
  expect(await caught(() => init({ fromLitellm: 'config.yaml' }))).toMatchObject({
    code: 'confirmation_needed',
    exitCode: EXIT.confirm,
    hint: 'Replace it with --force\nOr write another file with --file PATH',
  });
  expect(await readFile(file(), 'utf8')).toBe('port: 4001\n');
  expect((await init({ fromLitellm: 'config.yaml', force: true })).change).toBe('replaced');
});

test('finds configuration, port and environment in a Compose file', async () => {
  await put(
    'gateway/own.yaml',
    'model_list: [{model_name: a, litellm_params: {model: azure/a, api_base: os.environ/BASE, api_key: os.environ/AZURE_API_KEY}}]\n',
  );
  await put('gateway/.env', 'BASE=https://one.example\nAZURE_API_KEY=abc\n');
  await put(
    'gateway/docker-compose.yml',
    `services:
  db: {image: postgres:16}
  litellm:
    image: ghcr.io/berriai/litellm:main-stable
    command: ["--config=/app/config.yaml", "--port", "4000"]
    ports: ["4100:4000"]
    env_file: .env
    volumes: ["./own.yaml:/app/config.yaml:ro"]
`,
  );
  const { imported } = await init({ fromCompose: 'gateway/docker-compose.yml' });
  expect(imported?.source).toBe('gateway/own.yaml');
  expect(imported?.text).toContain('port: 4100\n');
  expect(imported?.text).toContain('azure:\n    api_base: https://one.example\n    api_key_env: AZURE_API_KEY\n');
  expect(imported?.text).not.toContain('abc');
});

test.each([
  [{ fromLitellm: 'nothing.yaml' }, 'nothing.yaml cannot be read (ENOENT)'],
  [{ fromLitellm: '.' }, 'cannot be read (EISDIR)'],
  [{ fromCompose: 'config.yaml' }, 'Cannot read the LiteLLM of config.yaml: no service in it runs LiteLLM'],
  [{ fromCompose: 'nothing.yml' }, 'Cannot read the LiteLLM of nothing.yml: ENOENT'],
  [{ dryRun: true }, '--dry-run is for an import'],
])('%j is a usage error', async (flags, message) => {
  const error = await caught(() => init(flags));
  expect(error).toMatchObject({
    code: 'usage',
    exitCode: EXIT.usage,
    hint: expect.stringContaining('--from-litellm config.yaml'),
  });
  expect(error.message).toContain(message);
});
