import { dirname, join, normalize } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { CHECKOUT, linksOf, textOf } from '../support/documents.ts';

it('the documents in the package link only to files in the package', async () => {
  const { stdout } = await execa('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: CHECKOUT });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const shipped = files.map(({ path }) => path);
  const documents = shipped.filter((path) => path.endsWith('.md'));
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/reference/up.md', 'SECURITY.md']));
  const links = documents.flatMap((document) =>
    linksOf(textOf(document))
      .map((link) => link.split('#')[0] ?? '')
      .filter((path) => path !== '')
      .map((path) => normalize(join(dirname(document), path))),
  );
  expect([...new Set(links)].filter((path) => !shipped.includes(path))).toEqual([]);
});
