import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../../scripts/free-port.js';
import { systemClock } from '../../../src/io/clock.ts';
import { systemFiles } from '../../../src/io/files/files.ts';
import { systemRunner } from '../../../src/io/processes/runner.ts';
import { type Environment, environmentIn } from '../../../src/runtime/native/install/install-steps.ts';
import { ensureDataFolder } from '../../../src/runtime/native/postgres/data-folder.ts';
import { databaseUser, otherUser } from '../../../src/runtime/native/postgres/database-user.ts';
import { postgres } from '../../../src/runtime/native/postgres/postgres-argv.ts';
import type { Cli } from './cli.ts';

export interface PostgresServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it at once, as `kill -9` does. */
  kill(): Promise<void>;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  dispose(): Promise<void>;
}

const PASSWORD = 'a-password-1';

/** PostgreSQL's programs from the shared installation, which is created when missing. */
export async function postgresPrograms(cli: Cli): Promise<Environment> {
  const { json } = await cli.run(['native', 'install', '--json']);
  const { folder } = json.data as { readonly folder: string };
  const { python } = JSON.parse(readFileSync(join(folder, 'agents-llm.json'), 'utf8'));
  return environmentIn(folder, python.version);
}

/** A PostgreSQL of its own, made and started with the command lines of the native runtime. */
export async function createPostgres(postgresBin: string): Promise<PostgresServer> {
  const root = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-'));
  chmodSync(root, 0o711);
  const uid = process.getuid?.();
  const parent = join(root, 'db');
  const paths = { data: join(parent, 'pgdata'), dataParent: parent, sockets: join(parent, 'sockets') };
  const { signal } = new AbortController();
  const runner = systemRunner(systemClock, process.kill.bind(process));
  const given = { files: systemFiles, runner, signal, data: paths.data };
  const user = await databaseUser(given, uid);
  const runAs = await otherUser(given, uid);
  await ensureDataFolder(PASSWORD, { ...given, paths, user, runAs, postgresBin });
  const port = await freePort();
  const { file, args } = postgres(postgresBin, paths.data, { port, sockets: paths.sockets });
  const url = `postgresql://litellm:${PASSWORD}@127.0.0.1:${port}/litellm`;
  const options = { env: { LC_ALL: 'C', TZ: 'UTC' }, cwd: parent, stdio: 'ignore', ...runAs } as const;
  let child: ChildProcess | undefined;

  const end = async (how: NodeJS.Signals) => {
    if (!child || !isRunning(child)) return;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child.kill(how);
    await gone;
  };
  const server: PostgresServer = {
    url,
    async start() {
      for (const deadline = Date.now() + 30_000; ; ) {
        // It exits again while processes of the killed server still run.
        if (!child || !isRunning(child)) child = spawn(file, args, options);
        const ready = await server.sql('select 1').catch(() => undefined);
        if (ready) return;
        if (Date.now() > deadline) throw new Error('PostgreSQL does not take connections');
        await systemClock.sleep(50);
      }
    },
    kill: () => end('SIGKILL'),
    async sql(text, values = []) {
      const client = new pg.Client({ connectionString: url });
      try {
        await client.connect();
        return (await client.query(text, [...values])).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    async dispose() {
      await end('SIGINT');
      rmSync(root, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
