import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { composeSettings } from '../../../../../src/runtime/docker/compose/compose-settings.ts';

const spec = {
  project: 'shop',
  bind: '127.0.0.1',
  port: 4100,
  image: 'r.example:5000/l:v1',
  databaseImage: 'postgres:16',
};

test('gives Compose only values that are not secret', () => {
  expect(composeSettings(spec, { revision: 'abc' })).toBe(
    'LITELLM_BIND=127.0.0.1\nLITELLM_PORT=4100\nLITELLM_IMAGE=r.example:5000/l:v1\nLITELLM_DB_IMAGE=postgres:16\nLITELLM_NO_PROXY=localhost,127.0.0.1,::1,litellm-db,host.docker.internal\nLITELLM_CORS_ORIGINS=http://127.0.0.1:4100,http://localhost:4100\nLITELLM_REVISION=abc\n',
  );
});

test('gives Compose a memory limit of the gateway that differs from the default', () => {
  expect(composeSettings({ ...spec, memory: 1536 * 1024 ** 2 }, { revision: 'abc' })).toContain(
    '\nLITELLM_MEMORY=1536m\n',
  );
});

test('gives Compose the settings of the reverse proxy', () => {
  const tls = {
    ...({
      proxy: 'nginx',
      host: 'llm.lan',
      bind: '0.0.0.0',
      httpsPort: 8443,
      httpPort: 8080,
      image: 'nginx:1',
    } as const),
    ...{ fingerprint: 'AB:CD', revision: 'r1', expires: '2028-01-01T00:00:00.000Z' },
  };
  expect(
    composeSettings({ ...spec, tls }, { revision: 'abc' })
      .split('\n')
      .slice(4, -2),
  ).toEqual([
    'LITELLM_PUBLIC_URL=https://llm.lan:8443',
    'LITELLM_TLS_IMAGE=nginx:1',
    'LITELLM_TLS_BIND=0.0.0.0',
    'LITELLM_TLS_HTTPS_PORT=8443',
    'LITELLM_TLS_HTTP_PORT=8080',
    'LITELLM_TLS_REVISION=r1',
    'LITELLM_NO_PROXY=localhost,127.0.0.1,::1,litellm-db,host.docker.internal',
    'LITELLM_CORS_ORIGINS=http://127.0.0.1:4100,http://localhost:4100,https://llm.lan:8443',
  ]);
});

test('gives Compose the command of the image, whatever its characters', () => {
  const command = { entrypoint: ["it's.sh", '$HOME'], command: ['a b#', 'ü\n'] };
  const line = composeSettings(spec, { revision: 'abc', command }).trimEnd().split('\n').at(-1) ?? '';
  expect(line).toMatch(/^LITELLM_IMAGE_COMMAND=[\w.!~*()%-]+$/);
  expect(JSON.parse(decodeURIComponent(line.split('=')[1] ?? ''))).toEqual(command);
});

test('adds the allowed origins to its own', () => {
  expect(
    composeSettings({ ...spec, bind: '192.168.1.5', corsOrigins: ['https://app.lan'] }, { revision: 'abc' }),
  ).toContain('LITELLM_CORS_ORIGINS=http://192.168.1.5:4100,https://app.lan\n');
});

test('refuses values that Compose would misread', () => {
  expect(() => composeSettings({ ...spec, image: 'l:$TAG' }, { revision: 'abc' })).toThrow(
    expect.objectContaining({
      code: 'usage',
      exitCode: EXIT.usage,
      message: '"l:$TAG" contains characters that Compose would interpret',
      hint: 'Use only letters, digits and _.:/@+=-',
    }),
  );
});

test('packs the LiteLLM configuration of the user into one variable', () => {
  const litellm = { hash: 'h', source: '/a.yaml', origin: 'flag' } as const;
  const litellmFiles = { 'litellm.yaml': Buffer.from('a: $b').toString('base64') };
  const text = composeSettings({ ...spec, litellm, fastStart: false }, { revision: 'abc', litellmFiles });
  const [, packed = ''] = /^LITELLM_FILES=([\w+/=]+)$/m.exec(text) ?? [];
  expect(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())).toEqual(litellmFiles);
  expect(text).toContain('LITELLM_OWN_START=1\n');
  expect(composeSettings({ ...spec, litellm }, { revision: 'abc', litellmFiles })).not.toContain('LITELLM_OWN_START');
});

test('adds hosts without a proxy to those of the user, except ones Compose would misread', () => {
  const noProxy = '.corp.example, 10.0.0.0/8,*.lan,$EVIL,a\nb=c,[fd00::1]';
  expect(composeSettings(spec, { revision: 'abc', noProxy })).toContain(
    '\nLITELLM_NO_PROXY=.corp.example,10.0.0.0/8,*.lan,[fd00::1],localhost,127.0.0.1,::1,litellm-db,host.docker.internal\n',
  );
  expect(composeSettings(spec, { revision: 'abc', noProxy: '*' })).toContain('\nLITELLM_NO_PROXY=*\n');
});
