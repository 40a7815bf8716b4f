import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../../../src/runtime/native/install/install-steps.ts';
import { type Cli, createCli } from './cli.ts';
import { createPostgres, type PostgresServer, postgresPrograms } from './postgres-server.ts';
import { PROGRAMS, SCHEMA_FOLDER } from './query-engine.ts';
import { onNative } from './stack-under-test.ts';

export interface EngineBed {
  readonly db: PostgresServer;
  readonly environment: Environment;
  /** A copy of the schema and its migrations that a test may change. */
  readonly folder: string;
  /** The stand-in for the Prisma CLI. */
  prisma(args: readonly string[], databaseUrl?: string): Promise<PrismaResult>;
  dispose(): Promise<void>;
}

export interface PrismaResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A PostgreSQL with the tables of the schema. */
export async function createEngineBed(): Promise<EngineBed> {
  const cli: Cli = createCli(onNative);
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-'));
  cpSync(SCHEMA_FOLDER, folder, { recursive: true });
  const environment = await postgresPrograms(cli);
  const db = await createPostgres(environment.postgresBin);
  const bed: EngineBed = {
    db,
    environment,
    folder,
    async prisma(args, databaseUrl = db.url) {
      const env = { PATH: process.env.PATH, AGENTS_LLM_NODE: process.execPath, DATABASE_URL: databaseUrl };
      const ran = promisify(execFile)(join(PROGRAMS, 'bin', 'prisma'), args, { cwd: folder, env });
      return ran.then(
        (result) => ({ code: 0, ...result }),
        ({ code, stdout, stderr }: PrismaResult) => ({ code, stdout, stderr }),
      );
    },
    async dispose() {
      await db.dispose();
      rmSync(folder, { recursive: true, force: true });
      cli.dispose();
    },
  };
  return bed;
}
