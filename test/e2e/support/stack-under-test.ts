import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, inject } from 'vitest';
import { parseStat } from '../../../src/io/processes/process-table.ts';
import type { Cli } from './cli.ts';
import { docker, removeProject } from './docker.ts';

/** Direct changes of a stack without the command, for each runtime. */
export interface StackUnderTest {
  readonly name: string;
  readonly runtime: 'docker' | 'native';
  /** The user who runs the command; the current user by default. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Why it cannot be tested here. */
  readonly missing: string | undefined;
  /** This machine, as the proxy reaches it. */
  readonly host: string;
  /** How `inventory` names the data. */
  volume(cli: Cli, project: string): string;
  hasVolume(cli: Cli, project: string): boolean;
  /** Another text for each start of a service. */
  idOf(cli: Cli, project: string, service: string): string;
  /** Ends a service as if by hand. */
  stop(cli: Cli, project: string, service: string): void;
  sql(cli: Cli, project: string, script: string): Promise<string>;
  /** Removes all of it, however broken it is. */
  remove(cli: Cli | undefined, project: string): void;
}

const probes = { docker: inject('docker'), native: inject('native') };
const reasonOf = (kind: keyof typeof probes) => {
  const probe = probes[kind];
  return probe.available ? undefined : probe.reason;
};

// Thrown here, because the global setup would also end the unit and cli tests.
for (const kind of ['docker', 'native'] as const) {
  const reason = reasonOf(kind);
  if (reason && process.env.AGENTS_LLM_E2E === 'required') {
    throw new Error(`AGENTS_LLM_E2E=required, and the end-to-end tests on ${kind} cannot run: ${reason}`);
  }
}

const volumeName = (project: string) => `${project}_litellm_pgdata`;

export const onDocker: StackUnderTest = {
  name: 'docker',
  runtime: 'docker',
  missing: reasonOf('docker'),
  host: 'host.docker.internal',
  volume: (_, project) => volumeName(project),
  hasVolume: (_, project) => docker('volume', 'ls', '-q', '--filter', `name=${volumeName(project)}`) !== '',
  idOf: (_, project, service) => docker('inspect', '-f', '{{.Id}} {{.State.StartedAt}}', `${project}-${service}-1`),
  stop: (_, project, service) => void docker('stop', '-t', '5', `${project}-${service}-1`),
  sql: async (_, project, script) =>
    execFileSync(
      'docker',
      [
        'exec',
        '-i',
        `${project}-litellm-db-1`,
        'psql',
        '-v',
        'ON_ERROR_STOP=1',
        '-qAt',
        '-U',
        'litellm',
        '-d',
        'litellm',
      ],
      {
        input: script,
        encoding: 'utf8',
      },
    ).trim(),
  remove: (_, project) => removeProject(project),
};

const folderOf = (cli: Cli, project: string) => join(cli.home, project);

interface Record {
  readonly supervisor: { readonly pid: number };
  readonly child: { readonly pid: number; readonly identity: string };
  readonly restarts: number;
}

export function recordOf(cli: Cli, project: string, service: string): Record {
  return JSON.parse(readFileSync(join(folderOf(cli, project), 'native', `${service}.json`), 'utf8'));
}

function native(name: string, user?: StackUnderTest['user']): StackUnderTest {
  const isRoot = (user?.uid ?? process.getuid?.()) === 0;
  const volume = (cli: Cli, project: string) => {
    const folder = folderOf(cli, project);
    const hash = createHash('sha256').update(folder).digest('hex').slice(0, 12);
    return join(isRoot ? `/var/lib/agents-llm/data/${hash}` : folder, 'pgdata');
  };
  return {
    name,
    runtime: 'native',
    ...(user && { user }),
    missing: reasonOf('native'),
    host: '127.0.0.1',
    volume,
    hasVolume: (cli, project) => existsSync(volume(cli, project)),
    idOf: (cli, project, service) => JSON.stringify(recordOf(cli, project, service).child),
    // As `docker stop`, it comes back when the service has ended.
    stop(cli, project, service) {
      const { pid } = recordOf(cli, project, service).supervisor;
      process.kill(pid, 'SIGTERM');
      for (let looks = 0; isRunning(pid) && looks < 400; looks += 1) execFileSync('sleep', ['0.05']);
    },
    async sql(cli, project, script) {
      const port = Number(readFileSync(join(folderOf(cli, project), 'native', 'database-port'), 'utf8'));
      const password = cli.secretsOf(project).POSTGRES_PASSWORD;
      const client = new pg.Client({ host: '127.0.0.1', port, user: 'litellm', database: 'litellm', password });
      await client.connect();
      try {
        const results = [await client.query({ text: script, rowMode: 'array' })].flat();
        return results.flatMap(({ rows }) => rows.map((row) => row.join('|'))).join('\n');
      } finally {
        await client.end();
      }
    },
    remove(cli, project) {
      if (!cli) return;
      killAll(join(folderOf(cli, project), 'native'));
      rmSync(isRoot ? join(volume(cli, project), '..') : volume(cli, project), { recursive: true, force: true });
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')) !== undefined;
  } catch {
    return false;
  }
}

function killAll(folder: string): void {
  const records = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  for (const name of records) {
    const { supervisor, child } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record;
    for (const pid of [supervisor.pid, -child.pid]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  }
}

const NOBODY = { uid: 65_534, gid: 65_534 };

export const onNative = native('native');
/** As an ordinary user too, when the tests run as root. */
export const stacks: readonly StackUnderTest[] = [
  onDocker,
  onNative,
  ...(process.getuid?.() === 0 ? [native('native as an ordinary user', NOBODY)] : []),
];
export const runtimes: readonly StackUnderTest[] = [onDocker, onNative];

/** `describe` for tests that need all of these stacks; it is skipped with the reason in its name when one is missing. */
export const describeOn =
  (...needed: readonly Pick<StackUnderTest, 'missing'>[]) =>
  (name: string, story: () => void) => {
    const missing = needed.find((one) => one.missing !== undefined)?.missing;
    if (missing === undefined) describe(name, story);
    else describe.skip(`${name} (${missing})`, story);
  };

/** The same tests on each stack. */
export const describeOnEach =
  <Stack extends StackUnderTest>(stacks: readonly Stack[]) =>
  (name: string, story: (stack: Stack) => void) => {
    for (const stack of stacks) describeOn(stack)(`${name} on ${stack.name}`, () => story(stack));
  };
