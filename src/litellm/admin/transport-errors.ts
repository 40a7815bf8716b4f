import type { HttpResult } from '../../io/network/http.ts';
import { redirectTarget } from '../../io/network/redirect-target.ts';
import { CliError } from '../../model/errors.ts';
import { shellWord } from '../../text/shown-text.ts';
import type { AdminAnswer, AdminCall } from './call.ts';
import type { AdminTarget } from './target.ts';
import { DATABASE_SILENT, NOT_RESPONDING } from './watched-send.ts';

const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** No response: nothing is listening, or the connection was lost. */
export function noAnswer(target: AdminTarget, call: AdminCall, code: string): CliError {
  const details = { url: target.url, cause: code };
  if (code === 'EMSGSIZE') return tooLarge(target, call, details);
  if (code === DATABASE_SILENT) return databaseLost(target);
  if (code === NOT_RESPONDING) return notResponding(target, call);
  if (call.method !== 'GET' && !NOT_SENT.has(code)) {
    return new CliError(
      'outcome_unknown',
      `The connection to ${target.url} was lost (${code}), so it is unknown whether the change was made`,
      {
        hint: `Check whether it was made: ${call.lookup ?? 'agents-llm status'}\nOr run the same command again, which is safe`,
        details,
      },
    );
  }
  if (target.startCommand !== null && code === 'ECONNREFUSED') {
    return new CliError('not_running', `No gateway is running at ${target.url}`, {
      hint: `Start it: ${target.startCommand}`,
      details,
    });
  }
  const why = code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timed out' : code;
  return new CliError('proxy_unreachable', `LiteLLM at ${target.url} cannot be reached (${why})`, {
    hint:
      target.startCommand === null
        ? 'Check the address in LITELLM_BASE_URL or --base-url'
        : 'Check the stack: agents-llm status',
    details,
  });
}

/** The response is not read to its end, so it is unknown whether a write was made. */
function tooLarge(target: AdminTarget, call: AdminCall, details: Readonly<Record<string, unknown>>): CliError {
  const route = `${call.method} ${call.path.split('?')[0]}`;
  return new CliError('not_litellm', `The answer of ${target.url} to ${route} is larger than 32 MB`, {
    hint: [
      'Check the address in LITELLM_BASE_URL or --base-url',
      ...(call.method === 'GET' ? [] : [`Check whether the change was made: ${call.lookup ?? 'agents-llm status'}`]),
    ],
    details,
  });
}

/** Redirects are never followed, because the master key must only go to the address that was named. */
export function redirected(target: AdminTarget, { status, headers }: HttpResult & { ok: true }): CliError {
  const location = headers.location ?? '';
  const where = redirectTarget(target.url, location);
  const isOther = URL.canParse(where);
  return new CliError(
    'not_litellm',
    `${target.url} redirects to ${where} (HTTP ${status}), but agents-llm does not follow because the master key would go there`,
    {
      hint: isOther
        ? `If that is the LiteLLM you mean, use --base-url ${shellWord(where)}`
        : 'Name the address of LiteLLM itself with --base-url or LITELLM_BASE_URL',
      details: { url: target.url, status, location },
    },
  );
}

/** It accepts connections but does not even answer its liveness check. */
export function notResponding(
  { url, startCommand }: AdminTarget,
  { method, lookup }: Pick<AdminCall, 'method' | 'lookup'>,
): CliError {
  const unknown = method === 'GET' ? '' : ', so it is unknown whether the change was made';
  const restart = startCommand?.replace(/\bup$/, 'restart litellm');
  const fix = restart === undefined ? 'Restart LiteLLM on that machine' : `Restart it: ${restart}`;
  return new CliError('not_responding', `The gateway at ${url} is not responding${unknown}`, {
    hint: lookup === undefined || method === 'GET' ? fix : [fix, `Then check whether it was made: ${lookup}`],
    details: { url, outcome: method === 'GET' ? 'none' : 'unknown' },
  });
}

/** The gateway answers but has no database, so its empty lists mean nothing. */
export function databaseLost({ url, startCommand }: AdminTarget): CliError {
  return new CliError('database_lost', `LiteLLM at ${url} has lost its database`, {
    hint:
      startCommand === null
        ? 'Start its database again'
        : `Check the stack: agents-llm status\nThen start it again: ${startCommand}`,
    details: { url },
  });
}

export function notLiteLlm(target: AdminTarget, answer: HttpResult & { ok: true }): CliError {
  const type = `${answer.headers['content-type'] ?? 'no content type'}`.split(';')[0] ?? '';
  return new CliError(
    'not_litellm',
    `The server at ${target.url} is not LiteLLM: it answered HTTP ${answer.status} with ${type} instead of JSON`,
    {
      hint: 'Check whether another program uses that port, or a login page comes before LiteLLM',
      details: { url: target.url, status: answer.status, contentType: type },
    },
  );
}

export function refused(target: AdminTarget, status: number, message: string): CliError {
  const key = `the master key from ${target.keySource}`;
  const what = status === 403 ? `does not accept ${key} as a master key` : `refused ${key}`;
  return new CliError('key_refused', `LiteLLM at ${target.url} ${what}: ${message}`, {
    hint:
      target.keySource === 'LITELLM_MASTER_KEY'
        ? 'Set LITELLM_MASTER_KEY to the key of that LiteLLM, or unset it to use the local stack'
        : `Check whether another stack uses that port: ${target.startCommand ?? 'agents-llm status'}`,
    details: { url: target.url, status, keySource: target.keySource },
  });
}

export function rejected(call: AdminCall, answer: AdminAnswer): CliError {
  const licence = /enterprise/i.test(answer.message);
  const route = `${call.method} ${call.path.split('?')[0]}`;
  return new CliError(
    'request_rejected',
    `LiteLLM rejected ${route} (${answer.status}): ${answer.message || 'no reason given'}`,
    {
      ...(licence ? { hint: 'Leave it out, because it needs a LiteLLM Enterprise licence' } : {}),
      details: { status: answer.status, route },
    },
  );
}
