import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindAdapter } from '@prisma/driver-adapter-utils';
import { parseDataModel } from '../prisma/data-model.ts';
import { handleRequest } from '../prisma/engine-handler.ts';
import { postgresPool } from '../prisma/postgres-pool.ts';
import { wasmEngine } from '../prisma/wasm-engine.ts';

// Prisma's query engine as a server, as the Python client starts it: `query-engine -p PORT`, its schema and database by
// environment. Inside is the WebAssembly build of @prisma/client, so that nothing native has to be downloaded.

/** The commit of Prisma that the Python client was made for. */
const EXPECTED = '5fe21811a6ba0b952a3bc71400666511fe3b902f';
const LOOK_EVERY_MS = 1000;

const { values } = parseArgs({
  strict: false,
  options: { port: { type: 'string', short: 'p' }, version: { type: 'boolean' } },
});

function wasmFile(): string {
  const beside = fileURLToPath(new URL('./query_engine_bg.postgresql.wasm', import.meta.url));
  if (existsSync(beside)) return beside;
  return createRequire(import.meta.url).resolve('@prisma/client/runtime/query_engine_bg.postgresql.wasm');
}

function databaseUrl(): string {
  const sources = JSON.parse(process.env.OVERWRITE_DATASOURCES || '[]') as readonly { readonly url?: string }[];
  return sources[0]?.url ?? process.env.DATABASE_URL ?? '';
}

/** Its parent is the proxy: when that is gone, nobody asks any more. */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, LOOK_EVERY_MS).unref();
}

async function serve(): Promise<void> {
  const log = (message: string) => process.stderr.write(`${JSON.stringify({ level: 'error', message })}\n`);
  const { pool, address, schema, said } = postgresPool(databaseUrl(), log);
  const datamodel = readFileSync(process.env.PRISMA_DML_PATH ?? '', 'utf8');
  const adapter = bindAdapter(new PrismaPg(pool, schema === undefined ? undefined : { schema }));
  const engine = await wasmEngine({ wasm: wasmFile(), datamodel, env: process.env, adapter });
  const asObjects = process.env.PRISMA_RAW_ROWS === 'objects';
  const options = { engine, models: parseDataModel(datamodel), address, said, asObjects };
  const server = createServer(async (request, response) => {
    const { pathname: path } = new URL(request.url ?? '/', 'http://localhost');
    const transaction = request.headers['x-transaction-id'];
    const body = await text(request).catch(() => '');
    const asked = { method: request.method ?? 'GET', path, body, transaction: [transaction].flat()[0] };
    const answer = await handleRequest(asked, options);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(Number(values.port), 'localhost');
  const end = () => {
    server.close();
    server.closeAllConnections();
    void pool.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  endWithParent(end);
}

if (values.version) process.stdout.write(`query-engine ${process.env.PRISMA_EXPECTED_ENGINE_VERSION ?? EXPECTED}\n`);
else await serve();
