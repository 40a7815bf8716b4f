import { expect, test } from 'vitest';
import { judgeHosts } from '../../../../src/doctor/online/provider-host-checks.ts';
import { providerHosts } from '../../../../src/doctor/online/provider-hosts.ts';
import type { CredentialRow, ModelRow } from '../../../../src/litellm/admin/schemas.ts';
import type { ReachedHost } from '../../../../src/runtime/reach-hosts.ts';
import { doctorWorld } from '../../../support/doctor-world.ts';

const alias = (params: Record<string, unknown>): ModelRow => ({
  model_name: 'a',
  litellm_params: params,
  model_info: { id: 'i' },
});
const provider = (name: string, kind: string | undefined, values: Record<string, unknown> = {}): CredentialRow => ({
  credential_name: name,
  credential_info: kind === undefined ? {} : { custom_llm_provider: kind },
  credential_values: values,
});

test('uses the address of the alias, then of its provider, then the default, each once', () => {
  const credentials = [
    provider('corp', 'openai', { api_base: 'https://llm.corp/v1' }),
    provider('openai', 'openai'),
    provider('own', 'azure', { api_base: 'https://ann:pw@x.azure.com:8443/y?z' }),
  ];
  const models = [
    alias({ model: 'openai/gpt-4o', litellm_credential_name: 'corp' }),
    alias({ model: 'ollama/llama3', api_base: 'http://host.docker.internal:11434' }),
    alias({ model: 'anthropic/claude', api_key: 'os.environ/KEY' }),
    alias({ model: 'bedrock/x', aws_region_name: 'eu-west-1' }),
    alias({ model: 'openai/gpt-4o', litellm_credential_name: 'gone' }),
  ];
  expect(providerHosts(models, credentials)).toEqual([
    'https://llm.corp',
    'http://host.docker.internal:11434',
    'https://api.anthropic.com',
    'https://bedrock-runtime.eu-west-1.amazonaws.com',
    'https://api.openai.com',
    'https://x.azure.com:8443',
  ]);
});

test('leaves out mocks, unknown providers and references', () => {
  const models = [
    alias({ model: 'openai/x', mock_response: 'pong' }),
    alias({ model: 'unheard/x' }),
    alias({ model: 'openai/x', api_base: 'os.environ/BASE' }),
    alias({ model: 'constructor/x' }),
  ];
  expect(providerHosts(models, [provider('x', undefined), provider('y', 'toString')])).toEqual([]);
});

const host = (failed: ReachedHost['failed'], more: Partial<ReachedHost> = {}): ReachedHost => ({
  url: 'https://llm.corp',
  failed,
  ...more,
});
const PROXY = { proxy: 'proxy.corp:3128' };

test.each([
  [
    host('certificate', { why: 'self-signed certificate in certificate chain' }),
    'The gateway does not trust the certificate of llm.corp (self-signed certificate in certificate chain)',
    "Give the gateway your company's certificate authority: agents-llm up --ca FILE",
  ],
  [
    host('proxy', { ...PROXY, status: 407, why: 'HTTP 407' }),
    'The HTTP proxy proxy.corp:3128 asks for another login',
    'Set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT, then: agents-llm up --proxy-from-env',
  ],
  [
    host('proxy', { ...PROXY, status: 403, why: 'HTTP 403' }),
    'The HTTP proxy proxy.corp:3128 does not connect to llm.corp (HTTP 403)',
    'Ask those who run the proxy to allow llm.corp\nOr add it to NO_PROXY, then: agents-llm up --proxy-from-env',
  ],
  [
    host('proxy', { ...PROXY, why: 'Connection refused' }),
    'The gateway cannot use the HTTP proxy proxy.corp:3128 (Connection refused)',
    'Correct HTTPS_PROXY, then: agents-llm up --proxy-from-env\nOr go on without a proxy: agents-llm up --no-proxy-from-env',
  ],
  [
    host('tls', { ...PROXY, why: 'wrong version number' }),
    'llm.corp does not complete the TLS handshake through the HTTP proxy proxy.corp:3128 (wrong version number)',
    'Check the address of the provider: agents-llm provider list',
  ],
])('fails when the cause is certain: %j', (reached, seen, fix) => {
  expect(judgeHosts([host(null), reached])).toEqual({ status: 'fail', code: 'provider_failed', seen, fix });
});

test.each([
  [host('dns', { why: 'Name or service not known' }), 'cannot find llm.corp in DNS (Name or service not known)'],
  [host('connect', { why: 'timed out' }), 'cannot connect to llm.corp (timed out)'],
])('only warns when the network may be down: %j', (reached, seen) => {
  expect(judgeHosts([reached])).toEqual({
    status: 'warn',
    code: null,
    seen: `The gateway ${seen}`,
    fix: 'Check the network and the DNS of the gateway\nBehind a company proxy, set HTTPS_PROXY, then: agents-llm up --proxy-from-env',
  });
});

test('names the CA file that is not enough and all failing hosts, with the fix of the worst', () => {
  const both = [host('dns', { url: 'https://a.corp', why: 'x' }), host('certificate', { why: 'y' })];
  expect(judgeHosts(both, '/c/corp.pem')).toMatchObject({
    status: 'fail',
    seen: 'The gateway cannot find a.corp in DNS (x); The gateway does not trust the certificate of llm.corp (y)',
    fix: 'Check that /c/corp.pem contains the authority of llm.corp, then: agents-llm up --ca /c/corp.pem',
  });
  expect(judgeHosts([host(null), host(null, { url: 'http://b:1' })])).toMatchObject({
    status: 'ok',
    seen: 'The gateway reaches llm.corp, b:1',
  });
});

test('asks nobody without --online', async () => {
  const world = await doctorWorld();
  const found = async (online: boolean) => {
    const { data } = await world.doctor({ online });
    return data.checks.find(({ id }) => id === 'provider-hosts');
  };
  expect(await found(false)).toMatchObject({
    status: 'skip',
    seen: 'Only with --online, which asks each provider for a TLS handshake',
  });
  world.fake.state.credentials.openai = { credential_info: { custom_llm_provider: 'openai' }, credential_values: {} };
  const asked: (readonly string[])[] = [];
  world.runtime = {
    reachHosts: async (urls) => {
      asked.push(urls);
      return urls.map((url) => ({ url, failed: null }));
    },
  };
  world.context.env = { ...world.context.env, AGENTS_LLM_OSV_URL: 'http://127.0.0.1:1' };
  expect(await found(true)).toMatchObject({ status: 'ok', seen: 'The gateway reaches api.openai.com' });
  expect(asked).toEqual([['https://api.openai.com']]);
});
