import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../e2e/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(new URL(file, folder), 'utf8') }));

// Two files run side by side on one machine.
it('no two end-to-end files share a project', () => {
  const users = new Map<string, string[]>();
  for (const { file, source } of sources.filter(({ file }) => file.endsWith('.test.ts'))) {
    const used = source.match(/'e2e-[a-z-]+'/g) ?? [];
    for (const project of new Set(used)) users.set(project, [...(users.get(project) ?? []), file]);
  }
  expect(users.size).toBeGreaterThan(10);
  expect([...users].filter(([, of]) => of.length > 1)).toEqual([]);
});

// Another program of this machine may have it.
it('no end-to-end file uses a port that is written in it', () => {
  const written = /PORT\w* = ['"]?\d{4,5}\b|port', '\d{4,5}'|-p', '(?:[\d.]+:)?\d{4,5}:|\.listen\([1-9]\d*/;
  expect(sources.flatMap(({ file, source }) => written.exec(source)?.[0].concat(` in ${file}`) ?? [])).toEqual([]);
});
