import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The rooms of `src/`, and what starts it, the lowest floor first, each with the rooms that it may import from. */
const ROOMS = new Map<string, readonly string[]>();
const room = (name: string, ...below: readonly string[]) => {
  ROOMS.set(name, below);
  return name;
};

const text = room('text');
const model = room('model', text);
const packageFiles = room('package-files', model);
const vocabulary = [text, model, packageFiles];
const io = room('io', ...vocabulary);
const context = room('context', io, ...vocabulary);
const runtime = room('runtime', io, ...vocabulary);
room('programs', runtime, io, ...vocabulary);
const project = room('project', context, io, ...vocabulary);
const litellm = room('litellm', project, runtime, context, io, ...vocabulary);
const foundation = [litellm, project, runtime, context, io, ...vocabulary];
const data = room('stack/data', 'stack/health', ...foundation);
const health = room('stack/health', data, ...foundation);
const open = room('stack/open', 'stack/startup', data, health, ...foundation);
const startup = room('stack/startup', open, data, health, ...foundation);
const started = [open, startup, data, health, ...foundation];
const tls = room('stack/tls', 'stack/verify', ...started);
const verify = room('stack/verify', tls, ...started);
const rotation = room('stack/rotation', tls, verify, ...started);
const backup = room('stack/backup', rotation, tls, verify, ...started);
const environment = room('stack/environment', ...foundation);
const upgrade = room('stack/upgrade', backup, rotation, tls, verify, ...started);
const lifecycle = room('stack/lifecycle', environment, upgrade, backup, rotation, tls, verify, ...started);
const stack = [lifecycle, environment, upgrade, backup, rotation, tls, verify, ...started];
const cli = room('cli', ...foundation);
const agents = room('agents', ...foundation);
const capabilities = [
  agents,
  room('export', open, ...foundation),
  room('doctor', agents, ...stack),
  room('completion', agents, cli, ...stack),
];
const commands = room('commands', cli, ...capabilities, ...stack);
room('index', ...foundation);
room('register', 'index', context);
room('program', commands, cli, ...capabilities, ...stack);
const main = room('main', 'program', commands, cli, ...capabilities, ...stack);
const bootstrap = room('scripts/bootstrap');
room('bin', bootstrap, main);

/** The packages that only some rooms may know. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  commander: [commands, cli, 'completion', 'program', 'main'],
  execa: [io],
  undici: [io],
  chalk: [io],
  ora: [io],
  '@peculiar/x509': [tls],
  'reflect-metadata': [tls],
  'node:process': [context, 'programs'],
};

const MOST_FILES = 25;

interface Arrow {
  readonly from: string;
  readonly to: string;
}

const FILES = ['src', 'bin', 'scripts/bootstrap'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
);
const ARROWS = FILES.flatMap((from) =>
  importsOf(readFileSync(join(ROOT, from), 'utf8')).map(
    (specifier): Arrow => ({ from, to: targetOf(from, specifier) }),
  ),
);

/** What a module names in imports and exports of any form, types too. */
function importsOf(source: string): readonly string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, '');
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function targetOf(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  // The bin starts the bundle, which is made of src/.
  return normalize(join(dirname(from), specifier))
    .replaceAll('\\', '/')
    .replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
}

/** `stack/tls` of `src/stack/tls/plan-tls.ts`, `io` of `src/io/terminal/ask.ts`, `main` of `src/main.ts`. */
function roomOf(file: string): string {
  if (file.startsWith('src/runtime/native/programs/')) return 'programs';
  if (!file.startsWith('src/')) return dirname(file);
  const [first = '', second = ''] = file.replace(/^src\//, '').split('/');
  return first === 'stack' ? `stack/${second}` : first.replace(/\.ts$/, '');
}

function packageOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope;
}

function strayArrows(arrows: readonly Arrow[]): readonly string[] {
  return arrows
    .filter(({ from, to }) => /^(src|bin|scripts)\//.test(to) && roomOf(from) !== roomOf(to))
    .filter(({ from, to }) => !ROOMS.get(roomOf(from))?.includes(roomOf(to)))
    .map(({ from, to }) => `${from} -> ${to}`);
}

function strayPackages(arrows: readonly Arrow[]): readonly string[] {
  return arrows
    .filter(({ from, to }) => {
      const rooms = PACKAGES[packageOf(to === 'process' ? 'node:process' : to)];
      return rooms !== undefined && !rooms.includes(roomOf(from));
    })
    .map(({ from, to }) => `${from} -> ${to}`);
}

/** The first circle that is found, as the files along it; empty when there is none. */
function circleIn(arrows: readonly Arrow[]): readonly string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of arrows) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] => {
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    if (done.has(file)) return [];
    for (const to of targets.get(file) ?? []) {
      const circle = walk(to, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  return [...targets.keys()].map((file) => walk(file, [])).find((circle) => circle.length > 0) ?? [];
}

describe('the rooms', () => {
  it('are all in the table', () => {
    expect([...new Set(FILES.map(roomOf))].filter((name) => !ROOMS.has(name))).toEqual([]);
  });

  it('import only from rooms below them, types too', () => {
    expect(ARROWS.length).toBeGreaterThan(1000);
    expect(strayArrows(ARROWS)).toEqual([]);
  });

  it('have no circle of imports, types included', () => {
    expect(circleIn(ARROWS)).toEqual([]);
  });

  it('leave each package to the rooms that may know it', () => {
    expect(strayPackages(ARROWS)).toEqual([]);
  });

  it('load the large certificate library only when a certificate is made', () => {
    const importers = FILES.filter((file) =>
      /^(?:import|}) .*self-signed\.ts'/m.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(importers).toEqual([]);
  });

  it(`have no folder with more than ${MOST_FILES} files`, () => {
    const counts = new Map<string, number>();
    for (const file of FILES) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });
});

it('every folder of test/unit is named like the folder that it tests', () => {
  const folders = readdirSync(join(ROOT, 'test/unit'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => relative(join(ROOT, 'test/unit'), join(parentPath, name)).replaceAll('\\', '/'));
  expect(folders.length).toBeGreaterThan(30);
  expect(
    folders.filter((folder) => !existsSync(join(ROOT, folder.startsWith('scripts') ? '' : 'src', folder))),
  ).toEqual([]);
});

describe('the check of the rooms', () => {
  it.each([
    ["import type { Up } from '../commands/up.ts';", '../commands/up.ts'],
    ["import { type Up, up } from '../commands/up.ts';", '../commands/up.ts'],
    ["import '../commands/up.ts';", '../commands/up.ts'],
    ["export { up } from '../commands/up.ts';", '../commands/up.ts'],
    ["const up = () => import('../commands/up.ts');", '../commands/up.ts'],
    ["type Up = import('../commands/up.ts').Up;", '../commands/up.ts'],
  ])('sees %s', (source, specifier) => {
    expect(importsOf(source)).toEqual([specifier]);
  });

  it('finds an arrow that runs up, a package in the wrong room, and a circle', () => {
    const up = { from: 'src/io/clock.ts', to: 'src/commands/up.ts' };
    expect(strayArrows([up, { from: 'src/commands/up.ts', to: 'src/io/clock.ts' }])).toEqual([
      'src/io/clock.ts -> src/commands/up.ts',
    ]);
    const wrong = ['commander', 'undici/types', 'node:process'].map((to) => ({ from: 'src/stack/open/a.ts', to }));
    expect(strayPackages(wrong)).toHaveLength(3);
    const arrow = (from: string, to: string) => ({ from, to });
    expect(circleIn([arrow('a', 'b'), arrow('b', 'c'), arrow('c', 'b')])).toEqual(['b', 'c', 'b']);
  });
});
