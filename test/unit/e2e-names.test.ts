import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../e2e/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));

// Two files run side by side on one machine.
it.each([
  ['port', /(?<![\d.])4[89]\d\d\b/g],
  ['project', /'e2e-[a-z-]+'/g],
])('no two end-to-end files share a %s', (_, pattern) => {
  const users = new Map<string, string[]>();
  for (const file of files) {
    const used = readFileSync(new URL(file, folder), 'utf8').match(pattern) ?? [];
    for (const one of new Set(used)) users.set(one, [...(users.get(one) ?? []), file]);
  }
  expect(users.size).toBeGreaterThan(10);
  expect([...users].filter(([, of]) => of.length > 1)).toEqual([]);
});
