import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { generatorError, generatorRequests, schemaError } from '../prisma/client-generator.ts';

// Generates LiteLLM's database client as `prisma generate` does, without the Prisma CLI and its downloads:
// generate-client PYTHON SCHEMA SITE_PACKAGES

const [python = '', path = '', site = ''] = process.argv.slice(2);
const LIMIT = 64 * 1024 * 1024;

/** Returns what went wrong; undefined if the client was generated. */
async function generate(): Promise<string | undefined> {
  // Imported here, so that errors of loading it are caught.
  const { get_config, get_dmmf } = await import('@prisma/prisma-schema-wasm');
  const text = readFileSync(path, 'utf8');
  const configRequest = { prismaSchema: text, datasourceOverrides: {}, ignoreEnvVarErrors: true, env: {} };
  const config = JSON.parse(get_config(JSON.stringify(configRequest)));
  const dmmf = JSON.parse(get_dmmf(JSON.stringify({ prismaSchema: text, noColor: true })));
  const { stderr, error } = spawnSync(python, ['-m', 'prisma'], {
    input: generatorRequests({ text, path, config, dmmf }, join(site, 'prisma')),
    env: { ...process.env, PRISMA_GENERATOR_INVOCATION: 'true' },
    // It reads the pyproject.toml of the folder that it is started in.
    cwd: site,
    encoding: 'utf8',
    maxBuffer: LIMIT,
  });
  return error?.message ?? generatorError(stderr);
}

// Uncaught, Node would print the line of this bundle that threw it, which is half of the bundle.
void generate()
  .catch(schemaError)
  .then((problem) => {
    if (problem === undefined) return;
    process.stderr.write(`error: ${problem}\n`);
    process.exitCode = 1;
  });
