import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { get_config, get_dmmf } from '@prisma/prisma-schema-wasm';
import { generatorError, generatorRequests } from '../prisma/client-generator.ts';

// Generates LiteLLM's database client as `prisma generate` does, without the Prisma CLI and its downloads:
// generate-client PYTHON SCHEMA SITE_PACKAGES

const [python = '', path = '', site = ''] = process.argv.slice(2);
const LIMIT = 64 * 1024 * 1024;

const text = readFileSync(path, 'utf8');
const given = { prismaSchema: text, datasourceOverrides: {}, ignoreEnvVarErrors: true, env: {} };
const config = JSON.parse(get_config(JSON.stringify(given)));
const dmmf = JSON.parse(get_dmmf(JSON.stringify({ prismaSchema: text, noColor: true })));
const { stderr, error } = spawnSync(python, ['-m', 'prisma'], {
  input: generatorRequests({ text, path, config, dmmf }, join(site, 'prisma')),
  env: { ...process.env, PRISMA_GENERATOR_INVOCATION: 'true' },
  encoding: 'utf8',
  maxBuffer: LIMIT,
});
const problem = error?.message ?? generatorError(stderr);
if (problem !== undefined) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 1;
}
