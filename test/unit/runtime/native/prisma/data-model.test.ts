import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseDataModel } from '../../../../../src/runtime/native/prisma/data-model.ts';

const fixture = readFileSync(new URL('../../../../fixtures/query-engine/schema.prisma', import.meta.url), 'utf8');

it('reads models and the types of their fields', () => {
  const models = parseDataModel(fixture);
  expect([...models.keys()]).toEqual(['Author', 'Book', 'Everything']);
  expect(Object.fromEntries(models.get('Author') ?? [])).toEqual({
    id: 'Int',
    name: 'String',
    mood: 'Mood',
    notes: 'Json',
    books: 'Book',
    made_at: 'DateTime',
  });
});

it('reads the types of lists and optional fields', () => {
  const fields = parseDataModel(fixture).get('Everything');
  expect([fields?.get('documents'), fields?.get('data'), fields?.get('bigs'), fields?.get('id')]).toEqual([
    'Json',
    'Json',
    'BigInt',
    'String',
  ]);
});

it('does not read attributes, comments or enums as fields', () => {
  const models = parseDataModel(`
enum Mood {
  CALM
}

model A {
  id Int @id // the id
  // name String
  /// data Json
  @@index([id])
}
`);
  expect([...models]).toEqual([['A', new Map([['id', 'Int']])]]);
});

it('returns nothing without a model', () => expect(parseDataModel('').size).toBe(0));
