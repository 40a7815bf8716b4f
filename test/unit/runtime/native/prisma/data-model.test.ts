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

it('takes lists and optional fields for their types', () => {
  const fields = parseDataModel(fixture).get('Everything');
  expect([fields?.get('documents'), fields?.get('data'), fields?.get('bigs'), fields?.get('id')]).toEqual([
    'Json',
    'Json',
    'BigInt',
    'String',
  ]);
});

it('takes no attribute, comment or enum for a field', () => {
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

it('is empty without a model', () => expect(parseDataModel('').size).toBe(0));
