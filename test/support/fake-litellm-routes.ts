import { createHash, randomBytes } from 'node:crypto';
import { fits } from '../../src/litellm/admin/aliases.ts';
import type { FakeKey, FakeLitellm, SeenRequest } from './fake-litellm-state.ts';
import type { Recorded, Say } from './recorded-litellm.ts';

type Route = (fake: FakeLitellm, request: SeenRequest, say: Say, match: readonly string[]) => Recorded;

const done = (body: unknown): Recorded => ({ status: 200, body });
const mask = (value: string) => `${value.slice(0, 2)}****${value.slice(-2)}`;
/** Providers of this world; anything else with no slash is known when it looks like OpenAI's. */
const isUsable = (model: unknown) => /^(openai|anthropic|azure|ollama)\/.|^gpt-/.test(String(model));

const ROUTES: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  [
    'GET',
    /^\/credentials$/,
    ({ state }) => done({ success: true, credentials: Object.entries(state.credentials).map(shown) }),
  ],
  ['POST', /^\/credentials$/, createCredential],
  ['PATCH', /^\/credentials\/(.+)$/, patchCredential],
  ['DELETE', /^\/credentials\/(.+)$/, deleteCredential],
  ['POST', /^\/health\/test_connection$/, testConnection],
  ['GET', /^\/model\/info$/, expandedModelInfo],
  ['GET', /^\/v2\/model\/info$/, modelInfo],
  ['POST', /^\/model\/new$/, newModel],
  ['PATCH', /^\/model\/(.+)\/update$/, patchModel],
  ['POST', /^\/model\/delete$/, deleteModel],
  [
    'GET',
    /^\/router\/settings$/,
    ({ state }) => done({ fields: [], current_values: { num_retries: 2, fallbacks: state.fallbacks } }),
  ],
  ['POST', /^\/config\/update$/, updateConfig],
  [
    'GET',
    /^\/public\/litellm_model_cost_map$/,
    () =>
      done({
        'gpt-4o': { litellm_provider: 'openai', mode: 'chat' },
        'gpt-4o-mini': { litellm_provider: 'openai', mode: 'chat' },
        'claude-sonnet-5-5': { litellm_provider: 'anthropic', mode: 'chat', input_cost_per_token: 0.000002 },
        'claude-sonnet-4-6': { litellm_provider: 'anthropic', mode: 'chat', input_cost_per_token: 0.000003 },
      }),
  ],
  [
    'GET',
    /^\/team\/info$/,
    ({ state }, { query }) =>
      state.teams.includes(query.get('team_id') ?? '')
        ? done({ team_id: query.get('team_id') })
        : {
            status: 404,
            body: {
              error: {
                message: "{'message': 'Team not found, passed team id: x.'}",
                type: 'auth_error',
                param: 'None',
                code: '404',
              },
            },
          },
  ],
  ['GET', /^\/team\/list$/, ({ state }) => done(state.teams.map((team_id) => ({ team_id, team_alias: null })))],
  ['GET', /^\/health\/readiness\/details$/, ({ version }) => done({ db: 'connected', litellm_version: version })],
  ['GET', /^\/key\/list$/, listKeys],
  [
    'GET',
    /^\/key\/info$/,
    ({ state }, { query }, say) =>
      say(state.keys.some(({ token }) => token === query.get('key')) ? 'key info' : 'key info missing'),
  ],
  [
    'GET',
    /^\/key\/aliases$/,
    ({ state }) => done({ aliases: state.keys.map(({ key_alias }) => key_alias), current_page: 1, total_pages: 1 }),
  ],
  ['POST', /^\/key\/generate$/, generateKey],
  ['POST', /^\/key\/update$/, updateKey],
  ['POST', /^\/key\/delete$/, deleteKeys],
  ['GET', /^\/spend\/logs\/ui$/, spendLogs],
  ['GET', /^\/user\/daily\/activity$/, dailyActivity],
];

export function handle(fake: FakeLitellm, request: SeenRequest, say: Say, virtual: FakeKey | undefined): Recorded {
  if (request.method === 'GET' && request.path === '/v1/models') return served(fake, request, virtual);
  for (const [method, path, route] of ROUTES) {
    const match = path.exec(request.path);
    if (match && method === request.method) return route(fake, request, say, match.slice(1).map(decodeURIComponent));
  }
  fake.surprises.push(`${request.method} ${request.path}`);
  return say('unknown route');
}

function shown([credential_name, { credential_info, credential_values }]: [
  string,
  FakeLitellm['state']['credentials'][string],
]) {
  const values = Object.entries(credential_values).map(([name, value]) => [
    name,
    /key|secret/.test(name) ? mask(value) : value,
  ]);
  return { credential_name, credential_info, credential_values: Object.fromEntries(values) };
}

function createCredential({ state }: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  if (!body.credential_info) return say('credential create without info');
  const name = String(body.credential_name);
  if (state.credentials[name]) return say('credential create dup');
  state.credentials[name] = body as never;
  return say('credential create');
}

function patchCredential(
  { state, version }: FakeLitellm,
  { body }: SeenRequest,
  say: Say,
  [name = '']: readonly string[],
): Recorded {
  if (!body.credential_info) return say('credential patch values only');
  const found = state.credentials[name];
  if (!found) return say('credential patch missing');
  // 1.90 forgets what is not named.
  if (version === '1.90.2') found.credential_info = {};
  Object.assign(found.credential_info, body.credential_info);
  Object.assign(found.credential_values, body.credential_values);
  return say('credential patch');
}

function deleteCredential({ state }: FakeLitellm, _: SeenRequest, say: Say, [name = '']: readonly string[]): Recorded {
  if (!state.credentials[name]) return say('credential delete missing');
  delete state.credentials[name];
  return say('credential delete');
}

function testConnection({ state }: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  const params = body.litellm_params as { model: string; litellm_credential_name?: string; api_key?: string };
  const stored = state.credentials[params.litellm_credential_name ?? '']?.credential_values;
  const { api_key: key = '', api_base: address = '' } = { ...stored, ...params };
  if (address.includes('nowhere')) {
    const error = 'litellm.APIConnectionError: OpenAIException - Connection error.';
    return done({ status: 'error', result: { model: params.model, error } });
  }
  if (!key.startsWith('sk-bad')) return say('test connection');
  const error =
    'litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided.\nstack trace: Traceback (most recent call last):\n  File "openai.py"';
  return done({ status: 'error', result: { model: params.model, error } });
}

/** The rows themselves, page by page. */
function modelInfo({ state, faults }: FakeLitellm, { query }: SeenRequest, say: Say): Recorded {
  if (faults.noRows) return say('unknown route');
  const named = query.get('model');
  const live = state.models.filter((model) => model.live && (named === null || model.name === named));
  const page = Number(query.get('page') ?? 1);
  const size = Number(query.get('size') ?? 50);
  const data = live.slice((page - 1) * size, page * size).map(rowOf);
  const total_pages = Math.ceil(live.length / size);
  return done({ data, total_count: live.length, current_page: page, total_pages, size });
}

/** With one row for each model that a pattern stands for, all with its id. */
function expandedModelInfo({ state }: FakeLitellm, _: SeenRequest, say: Say): Recorded {
  if (state.models.length === 0) return say('model info empty');
  const live = state.models.filter((model) => model.live);
  const namesOf = (name: string) => (name === 'openai/*' ? EXAMPLES : [name]);
  return done({
    data: live.flatMap((model) => namesOf(model.name).map((name) => ({ ...rowOf(model), model_name: name }))),
  });
}

const EXAMPLES = ['openai/gpt-4o', 'openai/gpt-4o-mini', 'openai/o3'];

function rowOf({ id, name, params, info, fromFile }: FakeLitellm['state']['models'][number]) {
  return {
    model_name: name,
    litellm_params: { ...params, use_litellm_proxy: false },
    model_info: {
      input_cost_per_token: params.input_cost_per_token ?? 0.0000025,
      output_cost_per_token: params.output_cost_per_token ?? 0.00001,
      ...info,
      id,
      db_model: !fromFile,
      litellm_provider: 'openai',
    },
  };
}

function newModel(fake: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  const params = body.litellm_params as Record<string, unknown>;
  const { id, ...info } = body.model_info as { id: string };
  if (fake.state.models.some((model) => model.id === id)) return say('model new own id again');
  const live = isUsable(params.model);
  fake.state.models.push({ id, name: String(body.model_name), params, info, live });
  return say(live ? 'model new' : 'model new bad provider', live ? {} : { '4b81a091-9351-4dda-91e8-e2933e707fa9': id });
}

/** An unusable target is saved and answered with 200, while the router goes on with the old one. */
function patchModel({ state }: FakeLitellm, { body }: SeenRequest, say: Say, [id = '']: readonly string[]): Recorded {
  const found = state.models.find((model) => model.id === id);
  if (!found) return say('model patch missing');
  const params = body.litellm_params as Record<string, unknown>;
  if (isUsable(params.model ?? found.params.model)) Object.assign(found.params, params);
  const { id: _, ...info } = (body.model_info ?? {}) as Record<string, unknown>;
  found.info = { ...found.info, ...info };
  return say('model patch');
}

function deleteModel({ state }: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  const index = state.models.findIndex((model) => model.id === body.id);
  if (index < 0) return say('model delete missing');
  state.models.splice(index, 1);
  return say('model delete');
}

function updateConfig({ state }: FakeLitellm, { body }: SeenRequest): Recorded {
  const { fallbacks } = body.router_settings as { fallbacks: FakeLitellm['state']['fallbacks'] };
  state.fallbacks = fallbacks;
  return done({ message: 'Config updated successfully' });
}

function served({ state }: FakeLitellm, { query }: SeenRequest, virtual: FakeKey | undefined): Recorded {
  if (virtual && Number(virtual.spend ?? 0) >= Number(virtual.max_budget ?? Number.POSITIVE_INFINITY))
    return budgetExceeded(virtual);
  const allowed = virtual?.models as string[] | undefined;
  const own = state.models.filter((model) => model.live).map(({ name }) => name);
  const named = query.get('return_wildcard_routes') === 'true' ? own : own.filter((name) => !name.includes('*'));
  const ofPatterns = (allowed ?? []).filter((name) => !name.includes('*') && own.some((each) => fits(each, name)));
  const names = new Set([...named, ...(own.includes('openai/*') ? EXAMPLES : []), ...ofPatterns]);
  const data = [...names].filter((name) => !allowed || allowed.length === 0 || allowed.includes(name));
  return done({ data: data.map((id) => ({ id, object: 'model' })), object: 'list' });
}

function budgetExceeded({ key_alias, spend, max_budget }: FakeKey): Recorded {
  const message = `Budget has been exceeded! Key=${key_alias} (sk-...U8Ow) Current cost: ${spend}, Max budget: ${max_budget}`;
  return { status: 422, body: { error: { message, type: 'budget_exceeded', param: null, code: '422' } } };
}

function listKeys({ state }: FakeLitellm, { query }: SeenRequest, say: Say): Recorded {
  const size = Number(query.get('size') ?? 10);
  if (size > 100) return say('key list size 1000');
  const page = Number(query.get('page') ?? 1);
  const alias = query.get('key_alias');
  const found = state.keys.filter((key) => alias === null || key.key_alias === alias);
  const keys = found.slice((page - 1) * size, page * size).map(({ raw: _, ...key }) => key);
  return done({ keys, total_count: found.length, current_page: page, total_pages: Math.ceil(found.length / size) });
}

function generateKey({ state, faults }: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  const duration = /^(\d+)(mo|[smhdw])$/.exec(String(body.duration));
  if (body.duration !== undefined && !duration)
    return say('key generate bad duration', { ': 30"': `: ${body.duration}"` });
  if (typeof body.max_budget === 'string') return say('key generate bad type');
  if (Number(body.max_budget) < 0) return say('key generate negative');
  if (body.tags) return say('key generate tags');
  const alias = String(body.key_alias);
  if (!faults.blindToAliases && state.keys.some((key) => key.key_alias === alias))
    return say('key generate dup alias', { 'agents-service': alias });
  const raw = `sk-${randomBytes(16).toString('base64url')}`;
  const token = createHash('sha256').update(raw).digest('hex');
  const days = duration?.[2] === 'd' ? Number(duration[1]) : 30;
  const expires = new Date(Date.now() + days * 86_400_000).toISOString();
  const { duration: _, ...fields } = body;
  state.keys.push({ raw, token, spend: 0, expires, created_at: new Date().toISOString(), ...fields });
  const { body: template } = say('key generate');
  return done({ ...(template as object), key: raw, token, expires, key_alias: alias });
}

function updateKey({ state, version }: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  if (version === '1.90.2' && !body.key) return say('key update by alias');
  const found = state.keys.find(({ token, key_alias }) => token === body.key || key_alias === body.key_alias);
  if (!found) return say('key info missing');
  const { key: _, duration, ...fields } = body;
  Object.assign(found, fields);
  if (duration !== undefined)
    found.expires = new Date(Date.now() + Number.parseInt(String(duration), 10) * 86_400_000).toISOString();
  return done({ ...found, raw: undefined });
}

function deleteKeys({ state }: FakeLitellm, { body }: SeenRequest, say: Say): Recorded {
  const wanted = (body.keys ?? body.key_aliases) as string[];
  const gone = state.keys.filter(
    ({ token, key_alias }) => wanted.includes(token) || wanted.includes(String(key_alias)),
  );
  if (gone.length === 0) return say('key delete alias again');
  state.keys = state.keys.filter((key) => !gone.includes(key));
  return done({ deleted_keys: wanted });
}

function dailyActivity({ state }: FakeLitellm, { query }: SeenRequest): Recorded {
  const page = state.dailyActivity?.[Number(query.get('page')) - 1];
  if (page === undefined) throw new Error(`page ${query.get('page')} is missing`);
  return done(page);
}

/** By time (seconds, UTC) and key, a page of them. */
function spendLogs({ state }: FakeLitellm, { query }: SeenRequest): Recorded {
  const [from, to] = ['start_date', 'end_date'].map((name) => Date.parse(`${query.get(name)?.replace(' ', 'T')}Z`));
  if (from === undefined || to === undefined || Number.isNaN(from + to)) throw new Error('dates are missing');
  const key = query.get('api_key');
  const id = query.get('request_id');
  const rows = state.spendLogs.filter(
    ({ request_id, startTime, api_key }) =>
      (id === null || id === request_id) &&
      Date.parse(startTime) >= from &&
      Date.parse(startTime) <= to &&
      (key === null || key === api_key),
  );
  const endOf = ({ endTime, startTime }: (typeof rows)[number]) => Date.parse(String(endTime ?? startTime));
  if (query.get('sort_by') === 'endTime') rows.sort((one, other) => endOf(other) - endOf(one));
  const [page, size] = [Number(query.get('page')), Number(query.get('page_size'))];
  return done({
    data: rows.slice((page - 1) * size, page * size),
    total: rows.length,
    page,
    page_size: size,
    total_pages: Math.ceil(rows.length / size),
  });
}
