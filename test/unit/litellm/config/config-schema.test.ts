import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { CONFIG } from '../../../../src/litellm/config/config-schema.ts';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';

const templates = fileURLToPath(new URL('../../../../templates/', import.meta.url));

test('ships the JSON Schema of the program (update it with vitest --update)', async () => {
  const { $schema, ...rest } = z.toJSONSchema(CONFIG, { io: 'input', target: 'draft-07' });
  const schema = { $schema, title: 'agents-llm.yaml', ...rest };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`${templates}agents-llm.schema.json`);
});

test('names the schema next to the example, which can be applied', () => {
  const text = readFileSync(`${templates}agents-llm.yaml`, 'utf8');
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./agents-llm.schema.json');
  expect(parseConfig(text, { shown: 'agents-llm.yaml', folder: '/app' })).toMatchObject({
    name: 'app',
    providers: [{ name: 'openai', provider: 'openai', keyVariable: 'OPENAI_API_KEY' }],
    aliases: [{ name: 'gpt-5', target: 'openai/gpt-4o', provider: 'openai' }],
    keys: [{ alias: 'agents-service', writeEnv: { file: '.env' } }],
  });
});

test('accepts the whole example, including its commented-out parts', () => {
  const text = readFileSync(`${templates}agents-llm.yaml`, 'utf8');
  const body = text.slice(text.indexOf('\n\n')).replace(/^( *)# (?=( *)[a-z_-]+:(\s|$))/gm, '$1');
  const config = parseConfig(body, { shown: 'agents-llm.yaml', folder: '/app' });
  expect(config).toMatchObject({ port: 4000, bind: '127.0.0.1', uiUsername: 'admin', uiPassword: 'generate' });
  expect(config.providers.map(({ name }) => name)).toEqual(['openai', 'anthropic', 'azure-eu', 'ollama']);
  expect(config.aliases[0]?.params).toEqual({ drop_params: true, temperature: 0.2 });
  expect(config.keys[0]).toMatchObject({ maxBudget: 5, rpmLimit: 60, tpmLimit: 100_000 });
});
