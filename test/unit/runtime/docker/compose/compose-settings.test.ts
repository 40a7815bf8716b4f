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

test('gives Compose what is no secret', () => {
  expect(composeSettings(spec, { revision: 'abc' })).toBe(
    'LITELLM_BIND=127.0.0.1\nLITELLM_PORT=4100\nLITELLM_IMAGE=r.example:5000/l:v1\nLITELLM_DB_IMAGE=postgres:16\nLITELLM_NO_PROXY=localhost,127.0.0.1,::1,litellm-db,host.docker.internal\nLITELLM_CORS_ORIGINS=http://127.0.0.1:4100,http://localhost:4100\nLITELLM_REVISION=abc\n',
  );
});

test('gives Compose the memory limit of the gateway where it has another one', () => {
  expect(composeSettings({ ...spec, memory: 1536 * 1024 ** 2 }, { revision: 'abc' })).toContain(
    '\nLITELLM_MEMORY=1536m\n',
  );
});

test('gives Compose what the reverse proxy is', () => {
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

test('gives Compose what the image runs by itself, whatever its characters', () => {
  const command = { entrypoint: ["it's.sh", '$HOME'], command: ['a b#', 'ü\n'] };
  const line = composeSettings(spec, { revision: 'abc', command }).trimEnd().split('\n').at(-1) ?? '';
  expect(line).toMatch(/^LITELLM_IMAGE_COMMAND=[\w.!~*()%-]+$/);
  expect(JSON.parse(decodeURIComponent(line.split('=')[1] ?? ''))).toEqual(command);
});

test('names the origins beside its own', () => {
  expect(
    composeSettings({ ...spec, bind: '192.168.1.5', corsOrigins: ['https://app.lan'] }, { revision: 'abc' }),
  ).toContain('LITELLM_CORS_ORIGINS=http://192.168.1.5:4100,https://app.lan\n');
});

test('refuses what Compose would read as something else', () => {
  expect(() => composeSettings({ ...spec, image: 'l:$TAG' }, { revision: 'abc' })).toThrow(
    expect.objectContaining({
      code: 'usage',
      exitCode: EXIT.usage,
      message: '"l:$TAG" contains characters that Compose would interpret',
      hint: 'Use only letters, digits and _.:/@+=-',
    }),
  );
});

test("packs LiteLLM's own configuration into one variable", () => {
  const litellm = { hash: 'h', source: '/a.yaml', origin: 'flag' } as const;
  const litellmFiles = { 'litellm.yaml': Buffer.from('a: $b').toString('base64') };
  const text = composeSettings({ ...spec, litellm, fastStart: false }, { revision: 'abc', litellmFiles });
  const [, packed = ''] = /^LITELLM_FILES=([\w+/=]+)$/m.exec(text) ?? [];
  expect(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())).toEqual(litellmFiles);
  expect(text).toContain('LITELLM_OWN_START=1\n');
  expect(composeSettings({ ...spec, litellm }, { revision: 'abc', litellmFiles })).not.toContain('LITELLM_OWN_START');
});

test('adds hosts without a proxy to those of the user, without what Compose would read as something else', () => {
  const noProxy = '.corp.example, 10.0.0.0/8,*.lan,$EVIL,a\nb=c,[fd00::1]';
  expect(composeSettings(spec, { revision: 'abc', noProxy })).toContain(
    '\nLITELLM_NO_PROXY=.corp.example,10.0.0.0/8,*.lan,[fd00::1],localhost,127.0.0.1,::1,litellm-db,host.docker.internal\n',
  );
  expect(composeSettings(spec, { revision: 'abc', noProxy: '*' })).toContain('\nLITELLM_NO_PROXY=*\n');
});
