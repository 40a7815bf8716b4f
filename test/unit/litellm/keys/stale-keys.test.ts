import { expect, test } from 'vitest';
import type { KeyRow } from '../../../../src/litellm/admin/schemas.ts';
import { findStaleKeys, isOfProcess, markMetadata } from '../../../../src/litellm/keys/stale-keys.ts';

const own = { host: 'here', place: { namespace: 'ns', boot: 'b1' } };
const mark = { ...own, pid: 5, started: 'then' };
const row = (metadata: Record<string, unknown>): KeyRow => ({ token: 'hash', key_alias: 'k', metadata });
const marked = (changes: Partial<typeof mark> = {}) =>
  row({ managed_by: 'agents-llm', ...markMetadata({ ...mark, ...changes }) });
const stale = async (key: KeyRow, identity?: string) =>
  (await findStaleKeys([key], own, { identity: async () => identity })).length === 1;

test.each([
  ['its process is gone', marked(), undefined, true],
  ['its process id is another process by now', marked(), 'later', true],
  ['its process runs', marked(), 'then', false],
  ['the machine was started anew', marked({ place: { namespace: 'ns', boot: 'b0' } }), 'then', true],
  ['it is of another host', marked({ host: 'there' }), undefined, false],
  ['it is of another container', marked({ place: { namespace: 'other', boot: 'b1' } }), undefined, false],
  ['it is not ours', row(markMetadata(mark)), undefined, false],
  ['it is of no process', row({ managed_by: 'agents-llm' }), undefined, false],
])('tells whether a key is stale: %s', async (_, key, identity, expected) => {
  expect(await stale(key, identity)).toBe(expected);
});

test('recognises the key of a process by its mark', () => {
  expect([isOfProcess(marked()), isOfProcess(row({ managed_by: 'agents-llm' }))]).toEqual([true, false]);
});
