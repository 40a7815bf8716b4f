import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/errors.ts';
import { composeSettings } from '../../../../src/runtime/docker/compose-settings.ts';

const spec = {
  project: 'shop',
  bind: '127.0.0.1',
  port: 4100,
  image: 'r.example:5000/l:v1',
  databaseImage: 'postgres:16',
};

test('gives Compose what is no secret', () => {
  expect(composeSettings(spec)).toBe(
    'LITELLM_BIND=127.0.0.1\nLITELLM_PORT=4100\nLITELLM_IMAGE=r.example:5000/l:v1\nLITELLM_DB_IMAGE=postgres:16\n',
  );
});

test('refuses what Compose would read as something else', () => {
  expect(() => composeSettings({ ...spec, image: 'l:$TAG' })).toThrow(
    expect.objectContaining({
      code: 'usage',
      exitCode: EXIT.usage,
      message: '"l:$TAG" has characters that Compose does not read as they stand',
      hint: 'use letters, digits and _.:/@+=- only',
    }),
  );
});
