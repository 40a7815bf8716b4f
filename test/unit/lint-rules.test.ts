import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** Code that a rule has to reject, each in a file of its own. */
const mistakes: Record<string, readonly [file: string, code: string]> = {
  'correctness/useImportExtensions': ['src/a.ts', "import './f';"],
  'nursery/noFloatingPromises': ['src/c.ts', 'async function work(): Promise<void> {}\nwork();'],
  'nursery/noJsRestrictedProperties': ['bin/d.js', 'process.exit(1);'],
  'performance/noBarrelFile': ['src/litellm/e.ts', "export * from './client.ts';"],
  'style/noDefaultExport': ['src/f.ts', 'export default 1;'],
  'style/noEnum': ['src/g.ts', 'export enum Color { red }'],
  'style/noRestrictedGlobals': ['src/io/h.ts', 'export const home = process.env.HOME;'],
  'style/useFilenamingConvention': ['src/notKebab.ts', 'export const i = 1;'],
  'style/useImportType': ['src/model/j.ts', "import { EXIT } from './errors.ts';\nexport type Exit = typeof EXIT;"],
  'suspicious/noConsole': ['src/k.ts', "console.log('hello');"],
  'suspicious/noExplicitAny': ['src/l.ts', 'export const m = (value: any) => value;'],
};

type Found = { readonly path: string; readonly line: number; readonly rule: string };

let folder: string;
let found: readonly Found[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agents-llm-lint-'));
  copyFileSync(join(project, 'biome.json'), join(folder, 'biome.json'));
  for (const [file, code] of Object.values(mistakes)) write(file, [code]);
  found = lint();
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(mistakes))('the linter reports %s', (rule, [file]) => {
  expect(found.filter(({ path }) => path === file).map((each) => each.rule)).toContain(rule);
});

function write(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
}

function lint(): Found[] {
  const biome = join(project, 'node_modules/@biomejs/biome/bin/biome');
  const flags = ['lint', '--reporter=json', '--vcs-enabled=false', '--max-diagnostics=none'];
  const { diagnostics } = JSON.parse(outputOf([biome, ...flags])) as {
    diagnostics: { category: string; location: { path: string; start: { line: number } } }[];
  };
  return diagnostics.map(({ category, location }) => ({
    path: location.path,
    line: location.start.line,
    rule: category.replace('lint/', ''),
  }));
}

/** Findings make the linter fail, which is what these tests are after: only its report counts. */
function outputOf(args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
