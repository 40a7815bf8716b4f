import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const project = fileURLToPath(new URL('../../', import.meta.url));

interface Layer {
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const adapters = ['execa', 'undici', 'undici/types', 'chalk', 'ora'];

/** What a file may import, and what the linter has to reject there. */
const layers: Record<string, Layer> = {
  'src/duration.ts': {
    allowed: ['./errors.ts', 'node:path', 'zod', 'yaml'],
    forbidden: [
      ...['./commands/up.ts', './runtime/runtime.ts', './runtime/docker/engine.ts', './stack/state.ts'],
      ...['./admin/client.ts', './io/runner.ts', './main.ts', './program.ts', './context.ts'],
      ...['./index.ts', './register.ts', 'commander', 'node:process', ...adapters],
    ],
  },
  'src/context.ts': {
    allowed: ['./errors.ts', './io/runner.ts', 'node:process'],
    forbidden: [
      ...['./commands/up.ts', './runtime/runtime.ts', './stack/state.ts', './admin/client.ts'],
      ...['./main.ts', './program.ts', 'commander', ...adapters],
    ],
  },
  'src/program.ts': {
    allowed: ['./commands/up.ts', './context.ts', './io/paint.ts', './errors.ts', 'commander'],
    forbidden: ['./main.ts', './index.ts', 'node:process', ...adapters],
  },
  'src/main.ts': {
    allowed: ['./program.ts', './context.ts', './io/paint.ts', './errors.ts', 'commander'],
    forbidden: ['node:process', ...adapters],
  },
  'src/index.ts': {
    allowed: ['./admin/keys.ts', './stack/state.ts', './io/http.ts', './context.ts', './errors.ts'],
    forbidden: ['./commands/up.ts', './program.ts', './main.ts', 'commander', 'node:process', ...adapters],
  },
  'src/io/runner.ts': {
    allowed: ['../errors.ts', './clock.ts', 'node:child_process', ...adapters],
    forbidden: [
      ...['../commands/up.ts', '../runtime/runtime.ts', '../stack/state.ts', '../admin/client.ts'],
      ...['../main.ts', '../program.ts', '../context.ts', '../index.ts', 'commander', 'process'],
    ],
  },
  'src/stack/state.ts': {
    allowed: ['../errors.ts', '../io/files.ts', './secrets.ts', 'zod', 'node:path'],
    forbidden: [
      ...['../commands/up.ts', '../runtime/runtime.ts', '../runtime/docker/engine.ts', '../admin/client.ts'],
      ...['../main.ts', '../program.ts', '../context.ts', 'commander', 'node:process', ...adapters],
    ],
  },
  'src/runtime/docker/engine.ts': {
    allowed: ['../../errors.ts', '../../io/http.ts', '../runtime.ts', './context.ts', './stack/networks.ts', 'zod'],
    forbidden: [
      ...['../../commands/up.ts', '../../stack/state.ts', '../../admin/client.ts'],
      ...['../../main.ts', '../../program.ts', '../../context.ts', 'commander', 'node:process', ...adapters],
    ],
  },
  'src/admin/client.ts': {
    allowed: ['../errors.ts', '../io/http.ts', './schemas.ts', 'zod/mini'],
    forbidden: [
      ...['../commands/up.ts', '../stack/state.ts', '../runtime/runtime.ts'],
      ...['../main.ts', '../program.ts', '../context.ts', 'commander', 'node:process', ...adapters],
    ],
  },
  'src/commands/up.ts': {
    allowed: [
      ...['../stack/state.ts', '../runtime/docker/engine.ts', '../admin/client.ts', '../io/files.ts'],
      ...['../context.ts', '../errors.ts', './render.ts', 'commander', 'yaml'],
    ],
    forbidden: ['../main.ts', '../program.ts', '../index.ts', 'node:process', ...adapters],
  },
  'test/unit/up.test.ts': {
    allowed: ['../../src/main.ts', '../../src/commands/up.ts', 'commander', 'node:process', ...adapters],
    forbidden: [],
  },
};

/** Code that one other rule has to reject, each in a file of its own. */
const mistakes: Record<string, readonly [file: string, code: string]> = {
  'correctness/useImportExtensions': ['src/a.ts', "import './duration';"],
  'nursery/noFloatingPromises': ['src/c.ts', 'async function work(): Promise<void> {}\nwork();'],
  'nursery/noJsRestrictedProperties': ['bin/d.js', 'process.exit(1);'],
  'performance/noBarrelFile': ['src/admin/e.ts', "export * from './client.ts';"],
  'style/noDefaultExport': ['src/f.ts', 'export default 1;'],
  'style/noEnum': ['src/g.ts', 'export enum Color { red }'],
  'style/noRestrictedGlobals': ['src/io/h.ts', 'export const home = process.env.HOME;'],
  'style/useFilenamingConvention': ['src/notKebab.ts', 'export const i = 1;'],
  'style/useImportType': ['src/j.ts', "import { EXIT } from './errors.ts';\nexport type Exit = typeof EXIT;"],
  'suspicious/noConsole': ['src/k.ts', "console.log('hello');"],
  'suspicious/noExplicitAny': ['src/l.ts', 'export const m = (value: any) => value;'],
};

type Found = { readonly path: string; readonly line: number; readonly rule: string };

let folder: string;
let found: readonly Found[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agents-llm-lint-'));
  copyFileSync(join(project, 'biome.json'), join(folder, 'biome.json'));
  for (const [file, { allowed, forbidden }] of Object.entries(layers)) write(file, [...allowed, ...forbidden].map(use));
  for (const [file, code] of Object.values(mistakes)) write(file, [code]);
  found = lint();
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(layers))('%s imports only what its layer allows', (file, { allowed, forbidden }) => {
  const rejected = found.filter(({ path, rule }) => path === file && rule === 'style/noRestrictedImports');
  const lines = new Set(rejected.map(({ line }) => line));
  expect([...allowed, ...forbidden].filter((_, index) => lines.has(index + 1))).toEqual(forbidden);
});

test.each(Object.entries(mistakes))('the linter knows %s', (rule, [file]) => {
  expect(found.filter(({ path }) => path === file).map((each) => each.rule)).toContain(rule);
});

test.each([
  ['src/duration.ts', "import type { Up } from './commands/up.ts'; export type A = Up;"],
  ['src/duration.ts', "export { up } from './commands/up.ts';"],
  ['src/duration.ts', "export const up = () => import('./commands/up.ts');"],
])('%s may not do so in another form: %s', (file, code) => {
  write(file, [code]);
  expect(lint()).toContainEqual({ path: file, line: 1, rule: 'style/noRestrictedImports' });
});

function use(specifier: string, index: number): string {
  return `import { thing as thing${index} } from '${specifier}'; thing${index}();`;
}

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
