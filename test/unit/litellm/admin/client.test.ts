import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { listCredentials, putCredential } from '../../../../src/litellm/admin/credentials.ts';
import { listKeys } from '../../../../src/litellm/admin/keys.ts';
import { listModels } from '../../../../src/litellm/admin/models.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

describe.each(['1.108.11', '1.90.2'] as const)('the client of LiteLLM %s', (version) => {
  let fake: FakeLitellm;
  beforeEach(async () => {
    fake = await startFakeLitellm(version);
  });
  afterEach(() => fake.close());

  test('names the source of a refused master key, and shows neither key nor hash', async () => {
    const client = clientOf(fake, { masterKey: 'sk-wrong-key-123456', keySource: '/state/.env' });
    const error = await listKeys(client).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'key_refused', exitCode: 4, message: expect.stringContaining('/state/.env') });
    expect(error.message.replaceAll(fake.url, '')).not.toMatch(/3456|[0-9a-f]{32}/);
    expect(error.hint).toContain('agents-llm up');
  });

  test('distinguishes a virtual key from a master key', async () => {
    const { raw } = fake.addKey({ key_alias: 'mine' });
    await expect(listKeys(clientOf(fake, { masterKey: raw }))).rejects.toMatchObject({
      code: 'key_refused',
      message: expect.stringContaining('as a master key'),
    });
  });

  test('reports a lost database, even when the list comes back empty', async () => {
    fake.faults.databaseLost = true;
    const lost = { code: 'database_lost', exitCode: 7, retryable: true };
    await expect(listKeys(clientOf(fake))).rejects.toMatchObject(lost);
    await expect(listCredentials(clientOf(fake))).rejects.toMatchObject(lost);
  });

  test('reports a lost database before the readiness check notices it', async () => {
    Object.assign(fake.faults, { databaseLost: true, readinessOld: true });
    for (const list of [listKeys, listModels]) {
      await expect(list(clientOf(fake))).rejects.toMatchObject({
        code: 'database_lost',
        exitCode: 7,
        message: `LiteLLM at ${fake.url} has lost its database`,
        hint: 'Check the stack: agents-llm status\nThen start it again: agents-llm up',
      });
    }
    const remote = clientOf(fake, { startCommand: null });
    await expect(listKeys(remote)).rejects.toMatchObject({ hint: 'Start its database again' });
  });

  test('reports another program on the port when it gets a page instead of JSON', async () => {
    fake.faults.html = true;
    await expect(listKeys(clientOf(fake))).rejects.toMatchObject({
      code: 'not_litellm',
      exitCode: 8,
      message: expect.stringContaining('text/html'),
    });
  });

  test('returns an empty list when there are no models yet', async () => {
    expect(await listModels(clientOf(fake))).toEqual([]);
  });

  test('repeats reads after a lost connection', async () => {
    fake.faults.cutBefore = 2;
    expect(await listKeys(clientOf(fake))).toEqual([]);
    expect(fake.seen).toHaveLength(3);
  });

  test('never repeats a write, and reports its outcome as unknown', async () => {
    fake.faults.cutAfter = '/credentials';
    fake.state.credentials.other = { credential_info: {}, credential_values: {} };
    const client = clientOf(fake);
    fake.faults.cutAfter = 'none';
    fake.faults.before = ({ method }) => {
      if (method === 'POST') fake.faults.cutAfter = '/credentials';
    };
    const wish = { name: 'openai', provider: 'openai', apiKey: new Secret('sk-provider-0123456789'), values: {} };
    await expect(putCredential(client, wish)).rejects.toMatchObject({
      code: 'outcome_unknown',
      exitCode: 8,
      hint: expect.stringContaining('agents-llm provider list'),
    });
    expect(fake.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    fake.faults.before = () => {};
    expect(await putCredential(client, wish)).toBe('unchanged');
  });

  test('lists all pages of keys', async () => {
    for (let i = 0; i < 205; i += 1) fake.addKey({ key_alias: `k${i}` });
    expect(await listKeys(clientOf(fake))).toHaveLength(205);
    expect(fake.seen).toHaveLength(3);
  });
});

test.each([
  ['agents-llm up', { code: 'not_running', exitCode: 10, hint: 'Start it: agents-llm up' }],
  [null, { code: 'proxy_unreachable', exitCode: 8, message: expect.stringContaining('http://127.0.0.1:1') }],
])('reports a refused connection, with start command %s', async (startCommand, expected) => {
  const client = clientOf({ url: 'http://127.0.0.1:1' }, { startCommand });
  await expect(listKeys(client)).rejects.toMatchObject(expected);
});

/** A server that takes connections and never answers. */
async function silentServer() {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}

test.each([
  [
    'GET',
    {
      code: 'proxy_unreachable',
      exitCode: 8,
      retryable: true,
      message: expect.stringContaining('(timed out)'),
    },
  ],
  [
    'POST',
    {
      code: 'outcome_unknown',
      exitCode: 8,
      retryable: true,
      message: expect.stringContaining('(ETIMEDOUT), so it is unknown whether the change was made'),
      hint: 'Check whether it was made: agents-llm key list\nOr run the same command again, which is safe',
    },
  ],
] as const)('reports a timed out %s', async (method, expected) => {
  const client = clientOf(await silentServer());
  const call = { method, path: '/key/generate', timeoutMs: 50, lookup: 'agents-llm key list' };
  await expect(client.call(call)).rejects.toMatchObject(expected);
});

test('ends a call with the reason of its abort', async () => {
  const controller = new AbortController();
  const call = listKeys(clientOf(await silentServer(), { signal: controller.signal }));
  controller.abort(new Error('stop'));
  await expect(call).rejects.toThrow('stop');
});
