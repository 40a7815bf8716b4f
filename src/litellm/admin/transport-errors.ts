import type { HttpResult } from '../../io/network/http.ts';
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

/** No answer: nothing listens, or the connection was lost on the way. */
export function noAnswer(target: AdminTarget, call: AdminCall, code: string): CliError {
  const details = { url: target.url, cause: code };
  if (code === 'EMSGSIZE') return tooLarge(target, call, details);
  if (code === DATABASE_SILENT) return databaseLost(target);
  if (code === NOT_RESPONDING) return notResponding(target, call);
  if (call.method !== 'GET' && !NOT_SENT.has(code)) {
    return new CliError(
      'outcome_unknown',
      `the connection to ${target.url} was lost (${code}): whether it was done is not known`,
      {
        hint: `look: ${call.lookup ?? 'agents-llm status'}\nrepeating the command is safe`,
        details,
      },
    );
  }
  if (target.startCommand !== null && code === 'ECONNREFUSED') {
    return new CliError('not_running', `nothing answers at ${target.url}`, {
      hint: `start it: ${target.startCommand}`,
      details,
    });
  }
  const why = code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timed out' : code;
  return new CliError('proxy_unreachable', `LiteLLM at ${target.url} cannot be reached (${why})`, {
    hint: target.startCommand === null ? 'check the address: LITELLM_BASE_URL or --base-url' : 'agents-llm status',
    details,
  });
}

/** What it would have answered is not read to its end, and a write has been carried out or not. */
function tooLarge(target: AdminTarget, call: AdminCall, details: Readonly<Record<string, unknown>>): CliError {
  const route = `${call.method} ${call.path.split('?')[0]}`;
  return new CliError('not_litellm', `the answer of ${target.url} to ${route} is larger than 32 MB`, {
    hint: [
      'check which LiteLLM that is: LITELLM_BASE_URL, --base-url',
      ...(call.method === 'GET' ? [] : [`whether it was done: ${call.lookup ?? 'agents-llm status'}`]),
    ],
    details,
  });
}

/** Never followed: the master key goes to nobody but the one who was named. */
export function redirected(target: AdminTarget, { status, headers }: HttpResult & { ok: true }): CliError {
  const location = headers.location ?? '';
  const to = URL.canParse(location, target.url) ? new URL(location, target.url) : undefined;
  const isOther = to !== undefined && to.origin !== new URL(target.url).origin;
  const where = to === undefined ? 'nowhere' : isOther ? to.origin : to.pathname;
  return new CliError(
    'not_litellm',
    `${target.url} redirects to ${where} (HTTP ${status}), which is not followed: the master key would go there`,
    {
      hint: isOther
        ? `if that is the LiteLLM you mean, name it: --base-url ${shellWord(to.origin)}`
        : 'name the address of LiteLLM itself: --base-url or LITELLM_BASE_URL',
      details: { url: target.url, status, location },
    },
  );
}

/** It takes the connection, and answers nothing, not even whether it lives. */
export function notResponding(
  { url, startCommand }: AdminTarget,
  { method, lookup }: Pick<AdminCall, 'method' | 'lookup'>,
): CliError {
  const unknown = method === 'GET' ? '' : ', so it is unknown whether the change was made';
  const restart = startCommand?.replace(/\bup$/, 'restart litellm');
  const fix = restart === undefined ? 'restart LiteLLM on that machine' : `restart it: ${restart}`;
  return new CliError('not_responding', `The gateway at ${url} is not responding${unknown}`, {
    hint: lookup === undefined || method === 'GET' ? fix : [fix, `then look: ${lookup}`],
    details: { url, outcome: method === 'GET' ? 'none' : 'unknown' },
  });
}

/** The proxy answers and has no database: its lists are empty then, which means nothing. */
export function databaseLost({ url, startCommand }: AdminTarget): CliError {
  return new CliError('database_lost', `LiteLLM at ${url} has lost its database`, {
    hint: startCommand === null ? 'start its database again' : `agents-llm status, then: ${startCommand}`,
    details: { url },
  });
}

export function notLiteLlm(target: AdminTarget, answer: HttpResult & { ok: true }): CliError {
  const type = `${answer.headers['content-type'] ?? 'no content type'}`.split(';')[0] ?? '';
  return new CliError(
    'not_litellm',
    `what answers at ${target.url} is not LiteLLM: HTTP ${answer.status}, ${type} and no JSON`,
    {
      hint: 'is another program on that port, or a login page before it?',
      details: { url: target.url, status: answer.status, contentType: type },
    },
  );
}

export function refused(target: AdminTarget, status: number, message: string): CliError {
  const why = status === 403 ? `is no master key: ${message}` : `is refused: ${message}`;
  return new CliError('key_refused', `at ${target.url} the master key from ${target.keySource} ${why}`, {
    hint:
      target.keySource === 'LITELLM_MASTER_KEY'
        ? 'set LITELLM_MASTER_KEY to the key of that LiteLLM, or unset it to use the local stack'
        : `another stack may be on that port: ${target.startCommand ?? 'agents-llm status'}`,
    details: { url: target.url, status, keySource: target.keySource },
  });
}

export function rejected(call: AdminCall, answer: AdminAnswer): CliError {
  const licence = /enterprise/i.test(answer.message);
  const route = `${call.method} ${call.path.split('?')[0]}`;
  return new CliError(
    'request_rejected',
    `LiteLLM rejected ${route} (${answer.status}): ${answer.message || 'it gave no reason'}`,
    {
      ...(licence ? { hint: 'this needs a LiteLLM Enterprise licence; leave it out' } : {}),
      details: { status: answer.status, route },
    },
  );
}
