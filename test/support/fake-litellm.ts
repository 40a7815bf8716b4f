import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handle } from './fake-litellm-routes.ts';
import type { FakeLitellm, SeenRequest } from './fake-litellm-state.ts';
import { type LitellmVersion, type Recorded, recorded } from './recorded-litellm.ts';

export const MASTER_KEY = 'sk-master-0123456789abcdef';

export async function startFakeLitellm(version: LitellmVersion = '1.108.11'): Promise<FakeLitellm> {
  const server = createServer((request, response) => void serve(fake, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeLitellm = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    version,
    state: { credentials: {}, models: [], fallbacks: [], keys: [], teams: [], spendLogs: [] },
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
  const answer = fake.faults.html ? htmlPage() : (fake.faults.answer?.(seen) ?? respond(fake, seen));
  if (fake.faults.cutAfter === seen.path) {
    delete fake.faults.cutAfter;
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': answer.contentType ?? 'application/json' });
  response.end(answer.contentType ? String(answer.body) : JSON.stringify(answer.body));
}

const htmlPage = () => ({ status: 200, body: '<!DOCTYPE html><html></html>', contentType: 'text/html; charset=utf-8' });

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
