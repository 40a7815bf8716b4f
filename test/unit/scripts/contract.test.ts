import { describe, expect, test } from 'vitest';
import { contractChanges, type Exchange, replay } from '../../../scripts/new-litellm/contract.js';

const OLD_ID = 'a39112e1-64c9-43e5-8405-4845bd90c7ca';
const NEW_ID = 'ffffffff-64c9-43e5-8405-4845bd90c7ca';

const exchange = (label: string, changes: Partial<Exchange> = {}): Exchange => ({
  label,
  request: { method: 'GET', path: '/x', key: 'master' },
  status: 200,
  body: {},
  ...changes,
});

describe('a replayed recording', () => {
  const recording = [
    exchange('wrong master', { request: { method: 'GET', path: '/key/list', key: 'other' } }),
    exchange('model new', {
      request: { method: 'POST', path: '/model/new', body: { api_base: 'http://rig/v1' }, key: 'master' },
      body: { model_id: OLD_ID, api_base: 'http://rig/v1' },
    }),
    exchange('model patch', { request: { method: 'PATCH', path: `/model/${OLD_ID}/update`, key: 'none' } }),
    exchange('key generate', { body: { key: 'sk-old-0123456789abcdef' } }),
    exchange('key info', { request: { method: 'GET', path: '/key/info?key=sk-old-0123456789abcdef', key: 'other' } }),
  ];
  const answers: Record<string, unknown> = {
    '/model/new': { model_id: NEW_ID, api_base: 'http://here:1/v1' },
    '/x': { key: 'sk-new-0123456789abcdef' },
  };

  test('sends the ids, keys and addresses of the new gateway and records none of this machine', async () => {
    const asked: string[] = [];
    const after = await replay(recording, {
      masterKey: 'sk-master',
      replaced: { 'http://rig/v1': 'http://here:1/v1' },
      ask: async ({ method, path, body, bearer }) => {
        asked.push(`${method} ${path} ${bearer} ${JSON.stringify(body) ?? ''}`);
        return { status: 200, body: answers[path] ?? {} };
      },
    });
    expect(asked).toEqual([
      'GET /key/list sk-wrong-key-123456 ',
      'POST /model/new sk-master {"api_base":"http://here:1/v1"}',
      `PATCH /model/${NEW_ID}/update undefined `,
      'GET /x sk-master ',
      'GET /key/info?key=sk-new-0123456789abcdef sk-new-0123456789abcdef ',
    ]);
    expect(after.map(({ request }) => request)).toEqual(recording.map(({ request }) => request));
    expect(after[1]?.body).toEqual({ model_id: NEW_ID, api_base: 'http://rig/v1' });
  });
});

describe('contractChanges', () => {
  const changes = (before: Partial<Exchange>, after: Partial<Exchange>) =>
    contractChanges([exchange('a', before)], [exchange('a', after)]);

  test('ignores different values', () => {
    const body = (id: string, spend: number | null) => ({ data: [{ id, spend, models: [] }] });
    expect(changes({ body: body(OLD_ID, 1) }, { body: body(NEW_ID, 2) })).toEqual([]);
    expect(changes({ body: body(OLD_ID, null) }, { body: body(NEW_ID, 2) })).toEqual([]);
  });

  test('names a status, an added or removed field, and another type', () => {
    expect(changes({ status: 500 }, { status: 409 })).toEqual(['a: status 500 is now 409']);
    expect(changes({ body: { keys: [{ old: { a: 1 } }] } }, { body: { keys: [{ fresh: 1 }] } })).toEqual([
      'a: .keys[].old is gone',
      'a: .keys[].fresh is new',
    ]);
    expect(changes({ body: { n: 1 } }, { body: { n: '1' } })).toEqual(['a: .n was number and is string']);
  });

  test('names the new text of an error but ignores generated ids', () => {
    const error = (message: string) => ({ status: 400, body: { error: { message } } });
    expect(changes(error(`no ${OLD_ID}`), error(`no ${NEW_ID}`))).toEqual([]);
    expect(changes(error('gone'), error('not found'))).toEqual(['a: the message was "gone" and is "not found"']);
  });

  test('names a request without an answer', () => {
    expect(contractChanges([exchange('a')], [])).toEqual(['a: no answer']);
  });
});
