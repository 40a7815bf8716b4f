import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));

/** The files of `dist/` that a command line loads, as Node's own coverage lists them. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-loaded-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const coverage = join(folder, 'coverage');
  const env = { AGENTS_LLM_HOME: join(folder, 'home'), NODE_V8_COVERAGE: coverage };
  await execa(process.execPath, [bin, ...args], { reject: false, cwd: folder, env });
  const reports = readdirSync(coverage).map((name) => JSON.parse(readFileSync(join(coverage, name), 'utf8')));
  const urls: string[] = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
  return [...new Set(urls.filter((url) => url.includes('/dist/')))];
}

// Each file costs a start more time than the bytes in it: status loaded 58 and env 61 when the bundler chose alone.
test.each([
  ['--help', 5],
  ['env', 8],
  ['provision-key', 7],
  ['run -- true', 8],
  ['status --json', 8],
  ['up --help', 14],
  ['launch claude', 12],
  ['__complete -- alias remove ', 12],
])('%s loads at most %i files', async (line, most) => {
  const files = await loadedBy(line.split(' '));
  expect(files.length).toBeGreaterThan(0);
  expect(files.length).toBeLessThanOrEqual(most);
});

test.each([
  ['status --json', 300_000],
  // Only commands that write agent settings load their formats.
  ['connect --help', 350_000],
])('%s loads at most %i bytes', async (line, most) => {
  const files = await loadedBy(line.split(' '));
  const bytes = files.map((url) => statSync(new URL(url)).size).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(most);
});
