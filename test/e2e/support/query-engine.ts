import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { systemClock } from '../../../src/io/clock.ts';

export const PROGRAMS = fileURLToPath(new URL('../../../dist/native', import.meta.url));
export const SCHEMA_FOLDER = fileURLToPath(new URL('../../fixtures/query-engine', import.meta.url));

export interface EngineReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its answer.
  readonly body: any;
}

/** A text with every kind of quote, and with what means something to SQL, to a shell or to JSON. */
export const QUOTES = `'single' "double" \`back\` ''two'' $1 $$dollar$$ \\back\\slash\\ %s {"a":"b"} /* -- */ ; é 😀 \t\n\r\u2028\u007f`;
/** A text as the Python client writes it: a JSON string is a GraphQL string. */
export const text = (value: unknown): string => JSON.stringify(value);
/** A Json value is a JSON text in a string, as are the parameters of a raw query. */
export const json = (value: unknown): string => text(JSON.stringify(value));
export const rawArguments = (sql: string, ...parameters: readonly unknown[]): string =>
  `(query: ${text(sql)}, parameters: ${json(parameters)})`;
export const createAuthor = (name: string, more = ''): string =>
  `mutation { result: createOneAuthor(data: { name: ${text(name)} ${more} }) { id name } }`;

export interface QueryEngine {
  readonly pid: number;
  /** Where it listens. */
  readonly socket: string;
  /** What it has written so far. */
  readonly written: () => string;
  readonly exited: Promise<unknown>;
  request(method: string, path: string, body?: unknown, transaction?: string): Promise<EngineReply>;
  /** One GraphQL operation, as the Python client sends it; the answer's body. */
  query(text: string, transaction?: string): Promise<EngineReply['body']>;
  batch(texts: readonly string[], transaction: boolean): Promise<EngineReply['body']>;
  /** What an operation called `result` gives; fails when it fails. */
  result(text: string, transaction?: string): Promise<EngineReply['body']>;
  /** The one error of an operation; fails when there is none. */
  failure(text: string, transaction?: string): Promise<EngineReply['body']>;
  /** The id of a new transaction. */
  begin(options?: object): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Generated at each start of the gateway. */
export const ENGINE_SECRET = 'a-secret-of-this-start';
/** What the Python client sends with each request (guarded_engine.py). */
const HEADERS = {
  host: 'localhost:41099',
  accept: 'application/json',
  authorization: `Bearer ${ENGINE_SECRET}`,
  'content-type': 'application/json',
};

export interface AskedRequest {
  readonly method?: string;
  readonly path?: string;
  /** A header that is undefined is not sent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
}

/** Any HTTP request to an engine's socket; the client's own unless headers say otherwise. */
export async function askEngine(socketPath: string, { method = 'POST', path = '/', headers, body }: AskedRequest) {
  const sent = Object.entries({ ...HEADERS, ...headers }).filter(([, value]) => value !== undefined);
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const request = httpRequest({ socketPath, method, path, headers: Object.fromEntries(sent) as typeof HEADERS });
    request.once('error', reject);
    request.once('response', (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    request.end(body);
  });
}

/** The built program, started with the arguments and the environment that the Python client gives it. */
export async function startQueryEngine(
  databaseUrl: string,
  { rows = 'objects', inspector }: { readonly rows?: 'objects' | 'columns'; readonly inspector?: number } = {},
): Promise<QueryEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-'));
  const args = ['-p', '1', '--enable-metrics', '--enable-raw-queries'];
  const env = {
    PATH: process.env.PATH,
    AGENTS_LLM_NODE: process.execPath,
    DATABASE_URL: databaseUrl,
    PRISMA_DML_PATH: `${SCHEMA_FOLDER}/schema.prisma`,
    PRISMA_ENGINE_PROTOCOL: 'graphql',
    AGENTS_LLM_ENGINE_FOLDER: folder,
    AGENTS_LLM_ENGINE_SECRET: ENGINE_SECRET,
    ...(inspector && { NODE_OPTIONS: `--inspect=127.0.0.1:${inspector} --inspect-publish-uid=http` }),
  };
  // The shell script alone asks for rows as objects.
  const [file, first] =
    rows === 'objects' ? [`${PROGRAMS}/bin/query-engine`, []] : [process.execPath, [`${PROGRAMS}/query-engine.js`]];
  const child = spawn(file, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const engine = connect(child, join(folder, '1.sock'));
  for (const deadline = Date.now() + 30_000; ; ) {
    const answer = await engine.request('GET', '/status').catch(() => undefined);
    if (answer?.body.status === 'ok') return engine;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no query engine: ${engine.written()}`);
    await systemClock.sleep(50);
  }
}

function connect(child: ChildProcess, socket: string): QueryEngine {
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written += text;
    });
  }
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const engine: QueryEngine = {
    pid: child.pid ?? 0,
    socket,
    written: () => written,
    exited,
    async request(method, path, body, transaction) {
      const headers = { 'X-transaction-id': transaction };
      const answer = await askEngine(socket, { method, path, headers, body: JSON.stringify(body) });
      const { text } = answer;
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async query(text, transaction) {
      return (await engine.request('POST', '/', { variables: {}, operation_name: 'query', query: text }, transaction))
        .body;
    },
    async batch(texts, transaction) {
      return (await engine.request('POST', '/', { batch: texts.map((query) => ({ query })), transaction })).body;
    },
    async result(text, transaction) {
      const answer = await engine.query(text, transaction);
      expect(answer.errors).toBeUndefined();
      return answer.data.result;
    },
    async failure(text, transaction) {
      const { errors } = await engine.query(text, transaction);
      expect(errors).toHaveLength(1);
      return errors[0].user_facing_error;
    },
    async begin(options = { timeout: 5000, max_wait: 2000 }) {
      return (await engine.request('POST', '/transaction/start', options)).body.id;
    },
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      await exited;
    },
  };
  return engine;
}
