import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('..', import.meta.url);

it('a test that changes its whole process gets one of its own', () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(unit|cli)\/.*\.test\.ts$/.test(name),
  );
  expect(names.length).toBeGreaterThan(200);
  const changes =
    /\bvi\.(mock|doMock|resetModules)\(|\bprocess\.(chdir|umask|setuid|seteuid)\(|\bprocess\.env(\.\w+|\[[^\]]+\]) =[^=]/;
  const found = names.filter((name) => changes.test(readFileSync(new URL(name, folder), 'utf8')));
  expect(found.filter((name) => !name.endsWith('.mocked.test.ts'))).toEqual([]);
  expect(found).not.toEqual([]);
});
