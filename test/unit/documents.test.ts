import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { madePages } from '../../scripts/reference/pages.ts';
import { wholeProgram } from '../../scripts/reference/whole-program.ts';
import { helpWords } from '../../src/cli/help-words.ts';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { CHECKS } from '../../src/doctor/checks.ts';
import { anchorsOf, CHECKOUT, DOCUMENTS, inlineCode, linksOf, textOf, typedLines } from '../support/documents.ts';

const { program } = await wholeProgram();
const HOW = 'Out of date: run `npm run docs` and commit what it writes';
/** What leaves a command line well formed: help that is asked for, and a placeholder's place that is left empty. */
const NO_FAULT: ReadonlySet<string> = new Set([
  'commander.helpDisplayed',
  'commander.help',
  'commander.version',
  'commander.missingArgument',
]);

describe('the generated documentation', () => {
  it('matches the output of `npm run docs`', async () => {
    const made = await madePages(CHECKOUT);
    for (const [path, text] of made) expect(existsSync(CHECKOUT + path) && textOf(path), `${HOW}: ${path}`).toBe(text);
    const committed = readdirSync(`${CHECKOUT}docs/reference`).map((name) => `docs/reference/${name}`);
    expect(committed.toSorted(), HOW).toEqual([...made.keys()].filter((path) => path !== 'README.md').toSorted());
  });

  it('has a page for each command', () => {
    for (const { name } of COMMANDS) expect(DOCUMENTS).toContain(`docs/reference/${name}.md`);
  });
});

it.each(DOCUMENTS)('%s has only links that resolve', (document) => {
  const dead = linksOf(textOf(document)).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : normalize(join(dirname(document), path));
    if (!existsSync(CHECKOUT + target)) return true;
    return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
  });
  expect(dead).toEqual([]);
});

// What earlier versions took is history.
const CURRENT = DOCUMENTS.filter((document) => document !== 'CHANGELOG.md');

it.each(CURRENT)('%s quotes only command lines that the program accepts', async (document) => {
  const text = textOf(document);
  const lines = [...typedLines(text), ...inlineCode(text)].flatMap(commandLines);
  expect((await Promise.all(lines.map(faultOf))).flat()).toEqual([]);
});

describe('the check of command lines', () => {
  it('finds them where a reader would type them', () => {
    expect(commandLines('eval "$(npx agents-llm -p two env)" # agents-llm')).toEqual([['-p', 'two', 'env']]);
    expect(commandLines("trap 'agents-llm down --force' EXIT")).toEqual([['down', '--force']]);
    expect(commandLines('cat x | agents-llm backup a.dump > agents-llm.log')).toEqual([['backup', 'a.dump']]);
    expect(commandLines('docker compose -p agents-llm up -d')).toEqual([]);
  });

  it('refuses unknown commands and flags, and bad values', async () => {
    const lines = ['start', 'up --prot 1', 'up --runtime podman', 'alias ad x', '--jsn up'];
    const faults = await Promise.all(lines.map((line) => faultOf(line.split(' '))));
    expect(faults.map((each) => each.length)).toEqual([1, 1, 1, 1, 1]);
    expect(await faultOf('-p two alias list --json'.split(' '))).toEqual([]);
  });
});

describe('the README', () => {
  const readme = textOf('README.md');

  it("is short and in the order of a reader's questions", () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(200);
    expect([...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Start',
      'Call a model',
      'Commands',
      'How it compares',
      'Exit codes',
      'More',
    ]);
  });

  it('links to every page of docs/', () => {
    const pages = DOCUMENTS.filter((path) => /^docs\/[\w-]+\.md$/.test(path) && path !== 'docs/README.md');
    expect(linksOf(readme).map((link) => link.split('#')[0])).toEqual(expect.arrayContaining(pages));
  });
});

const PATHS =
  /^(?:src|bin|scripts|test|templates|docs|bench|down|\.github|\.ci)\/[\w./-]*$|^[\w.-]+\.(?:md|yml|ts|js)$/;
const NAMES = new Set(readdirSync(`${CHECKOUT}src`, { recursive: true, encoding: 'utf8' }).map(basename));
const CODE = ['ARCHITECTURE.md', 'CONTRIBUTING.md', ...DOCUMENTS.filter((path) => path.startsWith('docs/decisions/'))];

it.each(CODE)('%s names only files that exist', (document) => {
  const named = inlineCode(textOf(document)).filter((code) => PATHS.test(code) && !/NAME|\/A\//.test(code));
  expect(named.filter((path) => !existsSync(CHECKOUT + path) && !NAMES.has(path))).toEqual([]);
});

it('ARCHITECTURE.md and CONTRIBUTING.md name many files', () => {
  const count = (path: string) => inlineCode(textOf(path)).filter((code) => PATHS.test(code)).length;
  expect(count('ARCHITECTURE.md')).toBeGreaterThan(50);
  expect(count('CONTRIBUTING.md')).toBeGreaterThan(8);
});

it('docs/decisions/README.md links to every decision', () => {
  const pages = DOCUMENTS.filter((path) => /^docs\/decisions\/(?!README)/.test(path)).map(basename);
  expect(linksOf(textOf('docs/decisions/README.md'))).toEqual(expect.arrayContaining(pages));
});

it('docs/models-and-keys.md names the commands that can use another LiteLLM', () => {
  const [, sentence = ''] = /^(.*) also work against any LiteLLM/m.exec(textOf('docs/models-and-keys.md')) ?? [];
  const taking = program.commands
    .filter((command) => [command, ...command.commands].some(({ options }) => options.some(isBaseUrl)))
    .map((command) => command.name());
  expect(inlineCode(sentence).toSorted()).toEqual(taking.toSorted());
});

it('docs/troubleshooting.md shows the right number of doctor checks', () => {
  const [, counts = ''] = /^agents-llm on docker: (.*?skipped)/m.exec(textOf('docs/troubleshooting.md')) ?? [];
  expect((counts.match(/\d+/g) ?? []).map(Number).reduce((sum, n) => sum + n, 0)).toBe(CHECKS.length);
});

const isBaseUrl = ({ long }: { readonly long?: string | null }) => long === '--base-url';

function basename(path: string): string {
  return path.split('/').at(-1) ?? path;
}

/** The arguments of each call of agents-llm in a line of shell, up to what the shell reads itself. */
function commandLines(line: string): readonly (readonly string[])[] {
  const calls = line.matchAll(/(?<![\w./@-])(?<!-p )agents-llm((?: +[^\s"'|()<>#;&`…]+)+)/g);
  return [...calls].map(([, words = '']) => words.trim().split(/ +/));
}

/** What is wrong with a command line; empty when the program takes it. */
async function faultOf(words: readonly string[]): Promise<readonly string[]> {
  const [name, ...rest] = withoutGlobals(helpWords(words, COMMANDS));
  if (name === undefined || name === '--help' || name === '--version') return [];
  const command = program.commands.find((each) => each.name() === name);
  if (!command) return [`agents-llm ${words.join(' ')}: unknown command`];
  try {
    await command.parseAsync(rest, { from: 'user' });
    return [];
  } catch (error) {
    if (error instanceof CommanderError && NO_FAULT.has(error.code)) return [];
    return [`agents-llm ${words.join(' ')}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function withoutGlobals(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  if (first === '-p' || first === '--project-name') return withoutGlobals(rest.slice(1));
  return first === '--json' || first === '-q' || first === '--debug' ? withoutGlobals(rest) : words;
}
