import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface DockerAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** Printed again and again until nobody reads it or it is ended. */
  readonly repeats?: string;
  /** Goes on until it is ended. */
  readonly hangs?: boolean;
}

export interface FakeDocker {
  /** For the built command: HOME, PATH with the fake `docker`, DOCKER_HOST with the fake engine. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Throws when something was asked that is in neither table. */
  dispose(): Promise<void>;
}

export interface FakeDockerOptions {
  /** By the argv after `docker`, joined by a space, `~` for the folder, `.` for the package and `ID` for what is another at each call; false: there is no docker. */
  readonly cli?: Readonly<Record<string, DockerAnswer>> | false;
  /** By path without the version and the query; false: no engine answers. A number is a status. */
  readonly engine?: Readonly<Record<string, unknown>> | false;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export const COMPOSE = { 'compose version --short': { stdout: '2.26.1-4\n' } };

export const ENGINE = {
  '/info': { ID: 'fake-engine', OSType: 'linux', Architecture: 'x86_64' },
  '/containers/json': [],
  '/volumes': { Volumes: null },
  '/networks': [],
};

/** A `docker` on the PATH and an engine on a socket that answer from tables and note every surprise. */
export async function fakeDocker(options: FakeDockerOptions = {}): Promise<FakeDocker> {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-fake-'));
  const surprises = join(folder, 'surprises');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  if (options.cli !== false) {
    const script = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const line = process.argv.slice(2).join(' ').replace(/(agents-llm-sql-)[0-9a-f-]{36}/, '$1ID');
const answers = ${JSON.stringify(options.cli ?? COMPOSE)};
const answer = answers[line] ?? answers[line.replaceAll(${JSON.stringify(folder)}, '~').replaceAll(${JSON.stringify(ROOT)}, '.')];
if (!answer) appendFileSync(${JSON.stringify(surprises)}, 'docker ' + line + '\\n');
process.stdout.write(answer?.stdout ?? '');
process.stderr.write(answer?.stderr ?? '');
process.exitCode = answer ? (answer.code ?? 0) : 99;
if (answer?.hangs) setInterval(() => {}, 1000);
if (answer?.repeats) {
  process.stdout.on('error', () => process.exit(141));
  setInterval(() => process.stdout.write(answer.repeats), 10);
}
`;
    writeFileSync(join(bin, 'docker'), script);
    chmodSync(join(bin, 'docker'), 0o755);
  }
  const socket = join(folder, 'docker.sock');
  const server = options.engine === false ? undefined : await fakeEngine(socket, options.engine ?? ENGINE, surprises);
  return {
    folder,
    env: { HOME: folder, AGENTS_LLM_HOME: join(folder, 'home'), PATH: bin, DOCKER_HOST: `unix://${socket}` },
    async dispose() {
      const seen = existsSync(surprises) ? readFileSync(surprises, 'utf8') : '';
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
      rmSync(folder, { recursive: true });
      if (seen !== '') throw new Error(`unexpected: ${seen}`);
    },
  };
}

async function fakeEngine(socket: string, table: Readonly<Record<string, unknown>>, surprises: string) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://docker').pathname.replace(/^\/v1\.\d+/, ''));
    response.setHeader('api-version', '1.41');
    if (path === '/_ping') return response.end();
    const answer = table[path];
    if (answer === undefined) {
      writeFileSync(surprises, `${request.method} ${path}\n`, { flag: 'a' });
      response.statusCode = 500;
    } else if (typeof answer === 'number') {
      response.statusCode = answer;
    }
    return response.end(JSON.stringify(typeof answer === 'number' ? { message: `status ${answer}` } : (answer ?? {})));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}
