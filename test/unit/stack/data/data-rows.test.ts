import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { parseRows } from '../../../../src/stack/data/data-rows.ts';
import { caught } from '../../../support/caught.ts';

test('parses the answer of the database', () => {
  const row = { id: 'x', name: 'y', hash: 'z' };
  const rows = { providers: [{ name: 'p', hash: 'h', values: { api_key: 'c' } }], aliases: [row], keys: [], teams: [] };
  expect(parseRows(`${JSON.stringify(rows)}\n`)).toEqual(rows);
});

test.each([[''], ['ERROR'], ['{"providers":[]}']])('rejects an answer with another structure (%j)', async (text) => {
  expect(await caught(() => parseRows(text))).toMatchObject({
    code: 'database_failed',
    exitCode: EXIT.notReady,
    message: 'The database does not look like one of LiteLLM 1.90 or later',
    hint: 'Check which LiteLLM the stack runs: agents-llm status',
  });
});
