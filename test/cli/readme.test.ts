import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { CHECKS } from '../../src/doctor/checks.ts';
import { EXIT_MEANING } from '../../src/model/errors.ts';
import { runBin } from '../support/run-bin.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(CHECKOUT, 'README.md'), 'utf8');

/** Up to the next heading of whatever level. */
const section = (name: string) => readme.split(`### ${name}\n`)[1]?.split(/^#{2,4} /m)[0] ?? '';
const help = async (name: string) =>
  (await runBin([name, '--help', '--verbose'], { HOME: tmpdir(), PATH: '/nonexistent' })).stdout;
const COMMON = [0, 1, 2, 130, 143];
const numbers = (text = '') => (text.match(/\d+/g) ?? []).map(Number);

/** Objects written out in a text, each with all that is nested in it. */
function shapes(text = ''): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const char of text) {
    if (char === '{') depth += 1;
    if (depth === 1 && char === '{') found.push('');
    if (depth > 0) found.push(found.pop() + char);
    if (char === '}') depth -= 1;
  }
  return found;
}

describe('the README', () => {
  it('names every exit code, and those of all commands', () => {
    for (const [code, meaning] of Object.entries(EXIT_MEANING)) {
      if (Number(code) < 100) expect(readme).toContain(`| ${code} | ${meaning.replace('(--force)', '(`--force`)')} |`);
    }
    const [, common] =
      /^Every command may end with (.*)\. The other exit codes stand in its section\.$/m.exec(readme) ?? [];
    expect(numbers(common)).toEqual(COMMON);
  });

  it.each(COMMANDS)('says of $name what its help says', async ({ name }) => {
    const [about = '', codes] = (await help(name)).split('\n\nExit codes:\n');
    const [, others] = /(?:Other|No other) exit codes([^.]*)\./.exec(section(name)) ?? [];
    expect(others, 'the other exit codes').toBeDefined();
    expect([...COMMON, ...numbers(others)].sort((a, b) => a - b)).toEqual(numbers(codes?.replaceAll(/(\d) .*/g, '$1')));
    const [, json] = section(name).split('JSON: ');
    expect(json, 'the JSON').toBeDefined();
    expect(shapes(json?.split('\n\n')[0])).toEqual(shapes(about.split('JSON (--json): ')[1]));
  });

  it('links to nothing but what the package ships', async () => {
    const { stdout } = await execa('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: CHECKOUT });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const links = [...readme.matchAll(/\]\((?!#|https:)(.*?)\)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(0);
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(links));
  });

  it('has every check of doctor in its table', () => {
    const rows = section('doctor').match(/^\| (?!about|---).*$/gm) ?? [];
    const ids = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id));
    expect(ids.toSorted()).toEqual(CHECKS.map(({ id }) => id).toSorted());
  });

  it('counts in its sample of doctor as many checks as there are', () => {
    const [, counts] = /^agents-llm on docker: (.*?skipped)/m.exec(section('doctor')) ?? [];
    expect(numbers(counts).reduce((sum, n) => sum + n, 0)).toBe(CHECKS.length);
  });
});
