import { readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindAdapter } from '@prisma/driver-adapter-utils';
import type { Pool } from 'pg';
import { systemClock } from '../../../io/clock.ts';
import { parseDataModel } from '../prisma/data-model.ts';
import { engineGuard } from '../prisma/engine-guard.ts';
import { handleRequest } from '../prisma/engine-handler.ts';
import { engineServer } from '../prisma/engine-server.ts';
import { postgresPool } from '../prisma/postgres-pool.ts';
import { keepRecentErrors } from '../prisma/recent-errors.ts';
import { wasmEngine } from '../prisma/wasm-engine.ts';

// Prisma's query engine as a server, as the Python client starts it: `query-engine -p PORT`, with its schema and database in the
// environment. It does not listen on a port: the number names a socket in a folder that only its own user can enter
// (guarded_engine.py). It uses the WebAssembly build of @prisma/client, so that no native program has to be downloaded.

/** The commit of Prisma that the Python client was made for. */
const EXPECTED = '5fe21811a6ba0b952a3bc71400666511fe3b902f';
const CHECK_PARENT_EVERY_MS = 1000;
const CLOSE_WITHIN_MS = 500;

const { values } = parseArgs({
  strict: false,
  options: { port: { type: 'string', short: 'p' }, version: { type: 'boolean' } },
});

const WASM = fileURLToPath(new URL('./query_engine_bg.postgresql.wasm.br', import.meta.url));

function databaseUrl(): string {
  const sources = JSON.parse(process.env.OVERWRITE_DATASOURCES || '[]') as readonly { readonly url?: string }[];
  return sources[0]?.url ?? process.env.DATABASE_URL ?? '';
}

const parent = process.ppid;

/** Ends when its parent, the gateway, has ended, because then it has no clients. */
function endWithParent(folder: string): void {
  setInterval(() => {
    if (process.ppid === parent) return;
    // The gateway was killed, because otherwise it would have removed its folder.
    rmSync(folder, { recursive: true, force: true });
    process.kill(process.pid, 'SIGTERM');
  }, CHECK_PARENT_EVERY_MS).unref();
}

/** Closes its connections, but does not wait for open transactions, which PostgreSQL rolls back. */
function endOnSignal(server: Server, pool: Pool): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
      const closed = pool.end().catch(() => undefined);
      // The second signal has the default action, which ends this process in any case.
      void Promise.race([closed, systemClock.sleep(CLOSE_WITHIN_MS)]).then(() => process.kill(process.pid, signal));
    });
  }
}

const log = (message: string) => process.stderr.write(`${JSON.stringify({ level: 'error', message })}\n`);

function end(error: unknown): void {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const { AGENTS_LLM_ENGINE_FOLDER: folder, AGENTS_LLM_ENGINE_SECRET: secret = '' } = process.env;
  if (!folder) throw new Error('The query engine is started by LiteLLM, which names the folder of its socket');
  const guard = engineGuard(secret);
  const { pool, limits, address, schema, lastMessages } = postgresPool(databaseUrl(), log);
  const datamodel = readFileSync(process.env.PRISMA_DML_PATH ?? '', 'utf8');
  const adapter = bindAdapter(new PrismaPg(pool, schema === undefined ? undefined : { schema }));
  const { take } = keepRecentErrors(adapter.errorRegistry);
  const sources = { address, lastMessages, pool: limits, thrown: take };
  const engine = await wasmEngine({ wasm: WASM, datamodel, env: process.env, adapter });
  const asObjects = process.env.PRISMA_RAW_ROWS === 'objects';
  const options = { engine, models: parseDataModel(datamodel), clock: systemClock, sources, asObjects };
  const server = engineServer(guard, (request) => handleRequest(request, options));
  // Without write permission nobody can connect to a socket.
  process.umask(0o077);
  server.on('error', end).listen(join(folder, `${Number(values.port)}.sock`));
  endOnSignal(server, pool);
  endWithParent(folder);
}

if (values.version) process.stdout.write(`query-engine ${process.env.PRISMA_EXPECTED_ENGINE_VERSION ?? EXPECTED}\n`);
else await serve().catch(end);
