import * as z from 'zod/mini';
import type { Clock } from '../../io/clock.ts';
import type { HttpResult } from '../../io/network/http.ts';
import { CliError } from '../../model/errors.ts';
import { type AdminAnswer, type AdminCall, type ClientOptions, parseJson, send } from './call.ts';
import { litellmMessage } from './litellm-message.ts';
import type { AdminTarget } from './target.ts';
import { databaseLost, noAnswer, notLiteLlm, redirected, refused, rejected } from './transport-errors.ts';
import { sendWithRetries } from './watched-send.ts';

export interface AdminClient {
  readonly target: AdminTarget;
  readonly clock: Clock;
  /** Throws if LiteLLM does not answer, has no database, or refuses the master key. */
  call(call: AdminCall): Promise<AdminAnswer>;
  /** The raw response, whatever its status, or the system's error code. */
  exchange(call: AdminCall): Promise<HttpResult>;
  /** The number of characters received so far. */
  received(): number;
  /** Like `call`, but throws `request_rejected` for every status of 400 and above. */
  fetch<Schema extends z.ZodMiniType>(schema: Schema, call: AdminCall): Promise<z.infer<Schema>>;
  /** Throws `database_lost` if the gateway has no database, because its empty lists mean nothing then. */
  requireDatabase(): Promise<void>;
}

/** LiteLLM's messages for a lost database while its readiness, cached for 15 s, still reports success. */
const DATABASE_GONE = /can't reach database server|database is temporarily unreachable|no_db_connection/i;

const READINESS = z.object({ db: z.string() });

export function createAdminClient(options: ClientOptions): AdminClient {
  const { target, clock } = options;
  const requireDatabase = () => checkDatabase(options);
  let received = 0;
  const call = async (call: AdminCall): Promise<AdminAnswer> => {
    const result = await sendWithRetries(options, call);
    if (!result.ok) throw noAnswer(target, call, result.code);
    received += result.text.length;
    return answerOf(options, call, result);
  };
  return {
    target,
    clock,
    call,
    exchange: (request) => sendWithRetries(options, request),
    received: () => received,
    requireDatabase,
    async fetch(schema, request) {
      const answer = await call(request);
      if (!answer.ok) throw rejected(request, answer);
      const parsed = z.safeParse(schema, answer.body);
      if (parsed.success) return parsed.data;
      throw new CliError(
        'not_litellm',
        `LiteLLM at ${target.url} answered ${request.path.split('?')[0]} in an unknown format`,
        {
          hint: 'Use LiteLLM 1.90 or later',
          cause: parsed.error,
        },
      );
    },
  };
}

/** Throws if the response is not from LiteLLM, reports a lost database, or refuses the master key. */
async function answerOf(
  options: ClientOptions,
  call: AdminCall,
  result: Extract<HttpResult, { ok: true }>,
): Promise<AdminAnswer> {
  const { target } = options;
  if (result.status >= 300 && result.status < 400) throw redirected(target, result);
  const body = parseJson(result);
  if (body === undefined) throw notLiteLlm(target, result);
  if (result.status >= 500) await checkDatabase(options);
  if (result.status >= 500 && DATABASE_GONE.test(result.text)) throw databaseLost(target);
  const message = result.status >= 400 ? litellmMessage(body) : '';
  const isRefusal = result.status === 401 || (result.status === 403 && !/enterprise/i.test(message));
  if (isRefusal && !call.key) throw refused(target, result.status, message);
  return { status: result.status, ok: result.status < 400, body, message };
}

async function checkDatabase(options: ClientOptions): Promise<void> {
  const result = await send(options, { method: 'GET', path: '/health/readiness', timeoutMs: 10_000 });
  const readiness = result.ok ? z.safeParse(READINESS, parseJson(result)) : undefined;
  if (!readiness?.success || !/^(disconnected|not connected)$/i.test(readiness.data.db)) return;
  throw databaseLost(options.target);
}
