import { describe, expect, test } from 'vitest';
import { findLosses, findMissing, findUnreadable, type ShownData } from '../../../../src/stack/data/data-losses.ts';
import type { DataRows } from '../../../../src/stack/data/data-rows.ts';

const rows: DataRows = {
  providers: [{ name: 'openai', hash: 'p1', values: { api_key: '1qfDc0abc4=', api_base: '162HU3J0WR==' } }],
  aliases: [{ id: 'm1', name: 'gpt-5', hash: 'a1' }],
  keys: [{ id: 'k1', name: 'agents-service', hash: 'k' }],
  teams: [{ id: 't1', name: 'core', hash: 't' }],
};
const shown: ShownData = {
  providers: [{ name: 'openai', values: { api_key: 'sk****cd', api_base: 'http://127.0.0.1:9/v1' } }],
  aliases: [{ id: 'm1', name: 'gpt-5', provider: 'openai' }],
  keys: [{ id: 'k1' }],
  teams: [{ id: 't1' }],
};

describe('findLosses', () => {
  test('finds no loss in equal or additional rows', () => {
    const more = { ...rows, keys: [...rows.keys, { id: 'k2', name: 'new', hash: 'x' }] };
    expect(findLosses(rows, more)).toEqual([]);
  });

  test.each([
    ['provider', { ...rows, providers: [] }, 'openai'],
    ['alias', { ...rows, aliases: [] }, 'gpt-5'],
    ['key', { ...rows, keys: [] }, 'agents-service'],
    ['team', { ...rows, teams: [] }, 'core'],
  ])('reports a %s without its row as lost', (kind, after, name) => {
    expect(findLosses(rows, after)).toEqual([
      { kind, name, what: 'lost', why: 'its row is missing from the database' },
    ]);
  });

  test('reports a row with other settings as changed', () => {
    const after = { ...rows, keys: [{ id: 'k1', name: 'agents-service', hash: 'other' }] };
    expect(findLosses(rows, after)).toEqual([
      { kind: 'key', name: 'agents-service', what: 'changed', why: 'its settings have changed' },
    ]);
  });

  test('reports an alias as lost when another one has its name', () => {
    const after = { ...rows, aliases: [{ id: 'm2', name: 'gpt-5', hash: 'a1' }] };
    expect(findLosses(rows, after)).toMatchObject([{ kind: 'alias', what: 'lost' }]);
  });
});

describe('findUnreadable', () => {
  test('accepts rows that LiteLLM shows decrypted', () => {
    expect(findUnreadable(rows, shown)).toEqual([]);
  });

  test('reports rows that LiteLLM does not show as unreadable', () => {
    const none = { providers: [], aliases: [], keys: [], teams: [] };
    const why = 'it is in the database, but LiteLLM does not show it';
    expect(findUnreadable(rows, none)).toEqual([
      { kind: 'provider', name: 'openai', what: 'unreadable', why },
      { kind: 'alias', name: 'gpt-5', what: 'unreadable', why },
      { kind: 'key', name: 'agents-service', what: 'unreadable', why },
      { kind: 'team', name: 'core', what: 'unreadable', why },
    ]);
  });

  test.each([
    ['as it is stored', { api_key: 'sk****cd', api_base: '162HU3J0WR==' }],
    ['masked', { api_key: '1q****4=' }],
  ])('reports a provider as unreadable when its values appear encrypted, %s', (_, values) => {
    expect(findUnreadable(rows, { ...shown, providers: [{ name: 'openai', values }] })).toEqual([
      {
        kind: 'provider',
        name: 'openai',
        what: 'unreadable',
        why: 'LiteLLM shows it encrypted, because the salt key is another one',
      },
    ]);
  });
});

describe('findMissing', () => {
  test('finds nothing missing when every reference has its row', () => {
    expect(findMissing(rows, shown, [{ alias: 'agents-service', hash: 'k1' }])).toEqual([]);
  });

  test('reports an alias that only LiteLLM remembers as lost', () => {
    expect(findMissing({ ...rows, aliases: [] }, shown, [])).toEqual([
      {
        kind: 'alias',
        name: 'gpt-5',
        what: 'lost',
        why: 'LiteLLM has it in memory, but its row is missing from the database',
      },
    ]);
  });

  test('reports a missing provider of an alias as lost', () => {
    expect(findMissing({ ...rows, providers: [] }, shown, [])).toEqual([
      { kind: 'provider', name: 'openai', what: 'lost', why: 'the alias gpt-5 uses it' },
    ]);
  });

  test('reports a saved virtual key without a row as lost', () => {
    expect(findMissing({ ...rows, keys: [] }, shown, [{ alias: 'agents-service', hash: 'k1' }])).toEqual([
      {
        kind: 'key',
        name: 'agents-service',
        what: 'lost',
        why: 'it is saved on this machine, but its row is missing from the database (key revoke agents-service removes the saved copy)',
      },
    ]);
  });
});
