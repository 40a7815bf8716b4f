import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindAdapter } from '@prisma/driver-adapter-utils';
import type { Pool } from 'pg';
import { systemClock } from '../../../io/clock.ts';
import { parseDataModel } from '../prisma/data-model.ts';
import { handleRequest } from '../prisma/engine-handler.ts';
import { postgresPool } from '../prisma/postgres-pool.ts';
import { keepRecentErrors } from '../prisma/recent-errors.ts';
import { wasmEngine } from '../prisma/wasm-engine.ts';

// Prisma's query engine as a server, as the Python client starts it: `query-engine -p PORT`, its schema and database by
// environment. Inside is the WebAssembly build of @prisma/client, so that nothing native has to be downloaded.

/** The commit of Prisma that the Python client was made for. */
const EXPECTED = '5fe21811a6ba0b952a3bc71400666511fe3b902f';
const LOOK_EVERY_MS = 1000;
const CLOSE_WITHIN_MS = 500;

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
const parent = process.ppid;
function endWithParent(): void {
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS).unref();
}

/** Its connections are closed in good order, but nobody waits for a transaction that is open: PostgreSQL rolls it back. */
function endOnSignal(server: Server, pool: Pool): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
      const closed = pool.end().catch(() => undefined);
      // The second time it is the system's own, which ends this process whatever it is at.
      void Promise.race([closed, systemClock.sleep(CLOSE_WITHIN_MS)]).then(() => process.kill(process.pid, signal));
    });
  }
}

const log = (message: string) => process.stderr.write(`${JSON.stringify({ level: 'error', message })}\n`);

async function serve(): Promise<void> {
  const { pool, limits, address, schema, said } = postgresPool(databaseUrl(), log);
  const datamodel = readFileSync(process.env.PRISMA_DML_PATH ?? '', 'utf8');
  const adapter = bindAdapter(new PrismaPg(pool, schema === undefined ? undefined : { schema }));
  const { take } = keepRecentErrors(adapter.errorRegistry);
  const sources = { address, said, pool: limits, thrown: take };
  const engine = await wasmEngine({ wasm: wasmFile(), datamodel, env: process.env, adapter });
  const asObjects = process.env.PRISMA_RAW_ROWS === 'objects';
  const options = { engine, models: parseDataModel(datamodel), clock: systemClock, sources, asObjects };
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    const transaction = request.headers['x-transaction-id'];
    const body = await text(request).catch(() => undefined);
    // Whoever asked has gone away in the middle of it.
    if (body === undefined) return;
    const asked = { method: request.method ?? 'GET', path, body, transaction: [transaction].flat()[0] };
    const answer = await handleRequest(asked, options);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(Number(values.port), 'localhost');
  endOnSignal(server, pool);
  endWithParent();
}

if (values.version) process.stdout.write(`query-engine ${process.env.PRISMA_EXPECTED_ENGINE_VERSION ?? EXPECTED}\n`);
else
  await serve().catch((error: unknown) => {
    log(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
