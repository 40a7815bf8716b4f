import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, type TestContext, test } from 'vitest';
import { runBin } from '../support/run-bin.ts';

const PROGRAMS = fileURLToPath(new URL('../../dist/native', import.meta.url));
const SCHEMA = fileURLToPath(new URL('../fixtures/query-engine/schema.prisma', import.meta.url));

// The first run of the bin also builds what is tested here.
beforeAll(async () => void (await runBin(['--version'], { PATH: process.env.PATH ?? '' })), 60_000);

const DAMAGE = [
  ['missing', (path: string) => rmSync(path), /: the file is missing$/],
  ['cut off', (path: string) => truncateSync(path, 1000), /: the file is damaged \(.+\)$/],
] as const;

/** A copy of the built programs. */
function copyOfPrograms({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(PROGRAMS, folder, { recursive: true });
  return folder;
}

async function failureOf(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const run = promisify(execFile)(process.execPath, args, { env });
  return run.catch((error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error);
}

test.for(DAMAGE)('the query engine names its WebAssembly file that is %s', async ([, damage, why], context) => {
  const folder = copyOfPrograms(context);
  const file = join(folder, 'query_engine_bg.postgresql.wasm.br');
  damage(file);
  const failed = await failureOf([join(folder, 'query-engine.js'), '-p', '1'], {
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none',
    PRISMA_DML_PATH: SCHEMA,
    AGENTS_LLM_ENGINE_FOLDER: folder,
    AGENTS_LLM_ENGINE_SECRET: 'a-secret',
  });
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  const { level, message } = JSON.parse(failed.stderr);
  expect([level, message.startsWith(`Cannot load ${file}: `)]).toEqual(['error', true]);
  expect(message).toMatch(why);
});

test.for(DAMAGE)('the client generator names its WebAssembly file that is %s', async ([, damage, why], context) => {
  const folder = copyOfPrograms(context);
  const file = join(folder, 'prisma_schema_build_bg.wasm.br');
  damage(file);
  const failed = await failureOf([join(folder, 'generate-client.cjs'), 'python3', SCHEMA, folder]);
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr.startsWith(`error: Cannot load ${file}: `)).toBe(true);
  expect(failed.stderr.trim()).toMatch(why);
});
