import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type InitFlags, renderInit, runInit } from '../../../src/commands/init.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { oneLineEach } from '../../../src/text/shown-text.ts';
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
const outcome = (flags: InitFlags) => {
  const given = fakeInvocation({ home, env: {} });
  return runInit({ file: file(), ...flags }, { ...given, context: { ...given.context, cwd: home } });
};
const init = async (flags: InitFlags) => (await outcome(flags)).data;

test('writes the file from a config.yaml and reports what became of each line', async () => {
  const data = await init({ fromLitellm: 'config.yaml' });
  expect(data).toMatchObject({ change: 'created', file: 'agents-llm.yaml' });
  expect(await readFile(file(), 'utf8')).toBe(data.imported?.text);
  expect(data.imported?.text).toContain('aliases:\n  a:\n    target: openai/a\n    provider: openai\n');
  expect(renderInit(data)).toContain(
    'config.yaml:1: taken    model_list.0: alias a, provider openai\nconfig.yaml:2: ignored  cache: LiteLLM does not read this here',
  );
  expect(data.nextSteps).toEqual(['export OPENAI_API_KEY=…', 'npx agents-llm up']);
});

test('prints the text and writes nothing in a dry run', async () => {
  const { data, ownLines } = await outcome({ fromLitellm: 'config.yaml', dryRun: true });
  expect(renderInit(oneLineEach(data, ownLines))).toContain(
    `\n${data.imported?.text}\nagents-llm.yaml: not written (--dry-run)\n`,
  );
  await expect(readFile(file())).rejects.toThrow('ENOENT');
});

test('replaces a file only with force when there is no terminal', async () => {
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

test('reads the environment that the Compose file sets for LiteLLM', async () => {
  await put(
    'conf/config.yaml',
    'model_list: [{model_name: a, litellm_params: {model: openai/a, api_base: "http://ollama:11434/v1", api_key: os.environ/OPENAI_API_KEY}}]\nlitellm_settings: {callbacks: [langfuse_otel], cache: true}\n',
  );
  await put('.env', "DATABASE_URL=postgres://x\nDD_SITE=eu\nEMPTY=\nTOKEN='a b'\n");
  await put('sa.json', '{}');
  await put(
    'docker-compose.yml',
    `services:
  ollama: {image: ollama/ollama}
  gateway:
    image: ghcr.io/berriai/litellm:main-stable
    command: --config /app/conf/config.yaml
    env_file: [.env, missing.env]
    environment:
      - OPENAI_API_KEY=$` +
      `{MY_OPENAI_KEY:?}
      - LANGFUSE_PUBLIC_KEY=pk-lf-1
      - LANGFUSE_SECRET_KEY
      - LANGFUSE_HOST=$` +
      `{LANGFUSE_HOST:-http://langfuse:3000}
      - REDIS_HOST=ollama
      - BOTH=$` +
      `{A}/$` +
      `{B}
      - PRICE=5$$
      - GOOGLE_APPLICATION_CREDENTIALS=/secrets/sa.json
      - AWS_PROFILE=dev
    volumes: ["./conf:/app/conf:ro", "./sa.json:/secrets/sa.json", "~/.aws:/root/.aws:ro"]
`,
  );
  const { data, warnings } = await outcome({ fromCompose: 'docker-compose.yml' });
  expect(parse(data.imported?.text ?? '')).toMatchObject({
    providers: { openai: { api_key_env: 'MY_OPENAI_KEY' } },
    env: {
      LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
      LANGFUSE_SECRET_KEY: { from: 'LANGFUSE_SECRET_KEY' },
      LANGFUSE_HOST: 'http://langfuse:3000',
      DD_SITE: 'eu',
      TOKEN: { from: 'TOKEN' },
      REDIS_HOST: 'ollama',
      PRICE: '5$',
      GOOGLE_APPLICATION_CREDENTIALS: { file: './sa.json' },
    },
    aws: { profile: 'dev' },
    litellm: { litellm_settings: { cache: true } },
  });
  expect(data.imported?.text).not.toMatch(/EMPTY|BOTH|AWS_PROFILE|DATABASE_URL|cache_params|a b/);
  expect(data.imported?.text).toContain('written by: agents-llm init --from-compose docker-compose.yml\n');
  const report = renderInit(data);
  expect(report).toContain(
    'docker-compose.yml:6: left out services.gateway.env_file: DATABASE_URL belongs to the stack, which sets it',
  );
  expect(report).toContain('docker-compose.yml:6: left out services.gateway.env_file: missing.env not found');
  expect(report).toContain(
    'docker-compose.yml:13: left out services.gateway.environment.5: BOTH is put together from other variables',
  );
  expect(report).toContain(
    'docker-compose.yml:10: taken    services.gateway.environment.2: env.LANGFUSE_SECRET_KEY, from your variable LANGFUSE_SECRET_KEY',
  );
  expect(data.nextSteps).toEqual([
    'export MY_OPENAI_KEY=…',
    'export LANGFUSE_SECRET_KEY=…',
    'export TOKEN=…',
    'npx agents-llm up',
  ]);
  expect(warnings).toEqual([
    'These addresses name services of docker-compose.yml, whose network the gateway is not in: http://ollama:11434/v1, ollama. Publish the port there, then use host.docker.internal (or 127.0.0.1 without Docker) as the host',
  ]);
});

test.each([
  [{ fromLitellm: 'nothing.yaml' }, 'nothing.yaml cannot be read (ENOENT)'],
  [{ fromLitellm: '.' }, 'cannot be read (EISDIR)'],
  [{ fromCompose: 'config.yaml' }, 'Cannot read the LiteLLM of config.yaml: no service in it runs LiteLLM'],
  [{ fromCompose: 'nothing.yml' }, 'Cannot read the LiteLLM of nothing.yml: ENOENT'],
  [{ dryRun: true }, '--dry-run is for an import'],
])('reports %j as a usage error', async (flags, message) => {
  const error = await caught(() => init(flags));
  expect(error).toMatchObject({
    code: 'usage',
    exitCode: EXIT.usage,
    hint: expect.stringContaining('--from-litellm config.yaml'),
  });
  expect(error.message).toContain(message);
});
