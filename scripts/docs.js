// Writes what is made from the program itself: docs/reference/ and the tables of README.md.
//   npm run docs
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// In the checkout, where what it imports is found.
const folder = mkdtempSync(join(root, 'node_modules', '.docs-'));
try {
  const outfile = join(folder, 'pages.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/reference/pages.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    define: { __AGENTS_LLM_VERSION__: JSON.stringify(version) },
    logLevel: 'warning',
  });
  const { madePages } = await import(pathToFileURL(outfile).href);
  /** @type {ReadonlyMap<string, string>} */
  const pages = await madePages(root);
  rmSync(join(root, 'docs', 'reference'), { recursive: true, force: true });
  mkdirSync(join(root, 'docs', 'reference'), { recursive: true });
  for (const [path, text] of pages) writeFileSync(join(root, path), text);
  process.stdout.write(`${pages.size} pages\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
