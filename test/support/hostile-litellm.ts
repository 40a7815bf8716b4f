import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A name as an enemy chooses it: breaks the line, forges lines of ours, moves the cursor, hides, and commands a CI job. */
export const poisoned = (name: string): string =>
  `${name}\nFORGED: by ${name}\r\n::set-output name=a::b\n::add-mask::c\u2028  ::error::d ##[add-mask]e ##vso[task.x]f` +
  '\u001b[2J\u001b[31m\u001b]0;title\u0007\u009b2J\u202e\u2066\u200b\ufeff\u0085';

export interface HostileAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of a body: what becomes of the answer. */
  readonly write?: (response: ServerResponse) => void;
}

type Answer = (method: string, url: URL) => HostileAnswer | undefined;

export interface HostileLitellm {
  readonly url: string;
  /** `GET /path?query` */
  readonly seen: string[];
}

/** Answers what `answer` says; where it says nothing, as a LiteLLM whose every text is poisoned. */
export async function startHostileLitellm(answer: Answer = () => undefined): Promise<HostileLitellm> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://h');
    const method = request.method ?? '';
    seen.push(`${method} ${request.url}`);
    request.resume();
    send(answer(method, url) ?? poisonedAnswer(method, url), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function send(answer: HostileAnswer, request: IncomingMessage, response: ServerResponse): void {
  const { status = 200, headers = { 'content-type': 'application/json' }, body, write } = answer;
  response.on('error', () => undefined);
  request.on('end', () => {
    response.writeHead(status, headers);
    if (write) write(response);
    else response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const record = (name: string) => ({ [poisoned('field')]: poisoned(name), api_base: poisoned(name) });

const POISONED_KEY = {
  token: poisoned('token'),
  key_alias: poisoned('key'),
  key_name: poisoned('sk-...abcd'),
  models: [poisoned('model')],
  spend: 1,
  expires: '2099-01-01T00:00:00Z',
  user_id: poisoned('user'),
  created_by: poisoned('creator'),
  metadata: { agents_llm_host: poisoned('host'), managed_by: 'agents-llm' },
};

const model = (name: string, id: string) => ({
  model_name: poisoned(name),
  litellm_params: { model: poisoned('openai/target'), litellm_credential_name: poisoned('credential'), ...record('p') },
  model_info: { id: poisoned(id), db_model: true, litellm_provider: poisoned('openai') },
});

function poisonedAnswer(method: string, { pathname }: URL): HostileAnswer {
  const lists: Readonly<Record<string, unknown>> = {
    '/health/readiness': { status: 'healthy', db: 'connected', litellm_version: poisoned('1.108.11') },
    '/health/readiness/details': { status: 'healthy', db: 'connected', litellm_version: poisoned('1.108.11') },
    '/v1/models': { data: [{ id: poisoned('alias') }, { id: poisoned('other') }] },
    '/model/info': { data: [model('alias', '1'), model('twice', '2'), model('twice', '3')] },
    '/v2/model/info': { data: [model('alias', '1'), model('twice', '2'), model('twice', '3')], total_pages: 1 },
    '/credentials': {
      credentials: [
        {
          credential_name: poisoned('credential'),
          credential_info: { custom_llm_provider: poisoned('openai') },
          credential_values: record('value'),
        },
      ],
    },
    '/key/list': { keys: [POISONED_KEY], total_pages: 1 },
    '/key/aliases': { aliases: [poisoned('key')], total_pages: 1 },
    '/team/list': [{ team_id: poisoned('team') }],
    '/public/litellm_model_cost_map': { [poisoned('openai/x')]: { litellm_provider: 'openai', mode: 'chat' } },
  };
  const body = lists[pathname];
  if (method === 'GET' && body !== undefined) return { body };
  if (pathname === '/health/test_connection') {
    return { body: { status: 'error', result: { error: poisoned('litellm.AuthenticationError') } } };
  }
  return { status: 400, body: { error: { message: poisoned('rejected'), type: poisoned('type'), code: '400' } } };
}
