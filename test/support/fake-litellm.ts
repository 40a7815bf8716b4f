import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handle } from './fake-litellm-routes.ts';
import { type LitellmVersion, type Recorded, recorded } from './recorded-litellm.ts';

export const MASTER_KEY = 'sk-master-0123456789abcdef';

export interface FakeKey {
  token: string;
  raw: string;
  [field: string]: unknown;
}

/** What the server holds; tests may put things there that others are to have made. */
export interface FakeState {
  credentials: Record<string, { credential_info: Record<string, unknown>; credential_values: Record<string, string> }>;
  models: {
    id: string;
    name: string;
    params: Record<string, unknown>;
    /** What else is kept with it. */
    info?: Record<string, unknown>;
    live: boolean;
    fromFile?: boolean;
  }[];
  keys: FakeKey[];
  teams: string[];
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly key: string;
}

export interface FakeLitellm {
  readonly url: string;
  readonly version: LitellmVersion;
  readonly state: FakeState;
  readonly seen: SeenRequest[];
  /** Requests that no LiteLLM route knows; `close` throws when there were any. */
  readonly surprises: string[];
  /** Faults, changed by a test while it runs. */
  faults: {
    databaseLost?: boolean;
    /** With `databaseLost`: it is lost so lately that readiness does not say so yet. */
    readinessOld?: boolean;
    html?: boolean;
    /** Knows no key. */
    refuses?: boolean;
    /** Carry out the next request to this route, then cut the connection. */
    cutAfter?: string;
    /** Cut the connection of this many requests before anything is done. */
    cutBefore?: number;
    /** Knows no `/v2/model/info`. */
    noRows?: boolean;
    /** Looks for no key of that alias before it makes one: as if all were asked for at the same moment. */
    blindToAliases?: boolean;
    /** Answers instead of a route. */
    answer?: (request: SeenRequest) => Recorded | undefined;
    /** Called before a route is carried out. */
    before?: (request: SeenRequest) => void | Promise<void>;
  };
  addKey(fields: Record<string, unknown>): FakeKey;
  close(): Promise<void>;
}

export async function startFakeLitellm(version: LitellmVersion = '1.108.11'): Promise<FakeLitellm> {
  const server = createServer((request, response) => void serve(fake, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeLitellm = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    version,
    state: { credentials: {}, models: [], keys: [], teams: [] },
    seen: [],
    surprises: [],
    faults: {},
    addKey(fields) {
      const raw = `sk-${randomUUID()}`;
      const key = {
        raw,
        token: createHash('sha256').update(raw).digest('hex'),
        created_at: new Date(0).toISOString(),
        ...fields,
      };
      this.state.keys.push(key);
      return key;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (fake.surprises.length > 0)
        throw new Error(`requests that LiteLLM does not know: ${fake.surprises.join(', ')}`);
    },
  };
  return fake;
}

async function serve(fake: FakeLitellm, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const url = new URL(request.url ?? '/', fake.url);
  const seen: SeenRequest = {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    body: text === '' ? {} : JSON.parse(text),
    key: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
  };
  fake.seen.push(seen);
  await fake.faults.before?.(seen);
  if (fake.faults.cutBefore) {
    fake.faults.cutBefore -= 1;
    request.socket.destroy();
    return;
  }
  const answer = fake.faults.html ? html() : (fake.faults.answer?.(seen) ?? respond(fake, seen));
  if (fake.faults.cutAfter === seen.path) {
    delete fake.faults.cutAfter;
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': answer.contentType ?? 'application/json' });
  response.end(answer.contentType ? String(answer.body) : JSON.stringify(answer.body));
}

const html = () => ({ status: 200, body: '<!DOCTYPE html><html></html>', contentType: 'text/html; charset=utf-8' });

function respond(fake: FakeLitellm, request: SeenRequest): Recorded {
  const say = recorded(fake.version);
  if (request.path === '/health/readiness') {
    return fake.faults.databaseLost && !fake.faults.readinessOld
      ? { status: 503, body: { status: 'healthy', db: 'disconnected' } }
      : say('readiness');
  }
  if (fake.faults.databaseLost) return withoutDatabase(request);
  if (request.key === '') return say('no key');
  if (fake.faults.refuses) return say('wrong master');
  const virtual = fake.state.keys.find(({ raw }) => raw === request.key);
  if (request.key !== MASTER_KEY && !virtual) return say(request.key.startsWith('sk-') ? 'wrong master' : 'not sk');
  if (virtual?.blocked === true) return say('models blocked key');
  if (virtual && request.path !== '/v1/models') return say('virtual on admin route');
  return handle(fake, request, say, virtual);
}

/** The list of credentials is answered from memory, and is empty. */
function withoutDatabase(request: SeenRequest): Recorded {
  if (request.path === '/credentials') return { status: 200, body: { success: true, credentials: [] } };
  if (request.path === '/v2/model/info') {
    const message =
      'Service Unavailable, the authentication database is temporarily unreachable. Please retry shortly.';
    return { status: 503, body: { error: { message, type: 'no_db_connection', param: null, code: '503' } } };
  }
  const message = "Authentication Error, Can't reach database server at `litellm-db`:`5432`";
  return { status: 500, body: { error: { message, type: 'no_db_connection', param: null, code: '500' } } };
}
