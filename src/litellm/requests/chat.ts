import * as z from 'zod/mini';
import type { HttpResult } from '../../io/network/http.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { jsonValue } from '../../text/json.ts';
import type { AdminClient } from '../admin/client.ts';
import { litellmMessage } from '../admin/litellm-message.ts';
import { rowsNamed } from '../admin/models.ts';
import { noAnswer, notLiteLlm } from '../admin/transport-errors.ts';
import { type FailedCall, failureReason } from './call-failure.ts';
import { chatStream } from './chat-stream.ts';
import { type ChatUsage, USAGE } from './chat-usage.ts';

export interface ChatWish {
  readonly model: string;
  readonly prompt: string;
  readonly key: Secret;
  readonly keyAlias: string;
  /** Milliseconds for the whole answer. */
  readonly timeoutMs: number;
  /** Given the answer as it comes; left out, the answer comes whole, with its cost. */
  readonly onText?: (text: string) => void;
}

export interface ChatAnswer {
  readonly model: string;
  readonly text: string;
  readonly usage: ChatUsage | null;
  /** US dollars; null when LiteLLM tells none. */
  readonly cost: number | null;
  readonly latencyMs: number;
}

const COMPLETION = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.nullish(z.string()) }) })),
  usage: z.nullish(USAGE),
});
const ERROR = z.object({
  error: z.object({ type: z.nullish(z.string()), code: z.nullish(z.union([z.string(), z.number()])) }),
});
const PATH = '/v1/chat/completions';

/** One question and its answer, through the gateway. Throws with the reason in one line and what mends it. */
export async function chat(client: AdminClient, wish: ChatWish): Promise<ChatAnswer> {
  const began = client.clock.now();
  const stream = wish.onText && chatStream(wish.onText);
  const answer = await client.exchange({
    method: 'POST',
    path: PATH,
    key: wish.key,
    timeoutMs: wish.timeoutMs,
    body: {
      model: wish.model,
      messages: [{ role: 'user', content: wish.prompt }],
      ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    },
    ...(stream ? { onText: stream.add } : {}),
  });
  const latencyMs = Math.round(client.clock.now() - began);
  if (!answer.ok) throw unanswered(client, wish, answer.code, stream?.text() ?? '');
  if (answer.status >= 400) throw await failed(client, wish, failureOf(answer.status, jsonValue(answer.text)));
  if (!stream) return { model: wish.model, latencyMs, ...wholeAnswer(client, answer) };
  const error = stream.error();
  if (error !== undefined && stream.text() !== '') throw brokenOff(wish);
  if (error !== undefined) throw await failed(client, wish, failureOf(undefined, error));
  // A gateway that was told to ignore `stream` answers plain JSON.
  if (!stream.isStream()) {
    const whole = wholeAnswer(client, answer);
    wish.onText?.(whole.text);
    return { model: wish.model, latencyMs, ...whole };
  }
  if (!stream.isWhole()) throw brokenOff(wish);
  return { model: wish.model, text: stream.text(), usage: usageOf(stream.usage()), cost: null, latencyMs };
}

function wholeAnswer(client: AdminClient, answer: HttpResult & { ok: true }) {
  const parsed = z.safeParse(COMPLETION, jsonValue(answer.text));
  if (!parsed.success) throw notLiteLlm(client.target, answer);
  const cost = Number(answer.headers['x-litellm-response-cost'] ?? Number.NaN);
  return {
    text: parsed.data.choices[0]?.message.content ?? '',
    usage: usageOf(parsed.data.usage),
    cost: Number.isFinite(cost) ? cost : null,
  };
}

const usageOf = (usage: z.infer<typeof USAGE> | null | undefined): ChatUsage | null =>
  usage
    ? {
        promptTokens: usage.prompt_tokens,
        completionTokens: usage.completion_tokens,
        totalTokens: usage.total_tokens,
      }
    : null;

function failureOf(status: number | undefined, body: unknown): FailedCall {
  const parsed = z.safeParse(ERROR, body);
  const { type, code } = parsed.success ? parsed.data.error : {};
  const number = Number(code ?? Number.NaN);
  return {
    status: status ?? (Number.isFinite(number) ? number : undefined),
    kind: type ?? undefined,
    message: litellmMessage(body),
  };
}

/** Looks up the alias only now, for the words. */
async function failed(client: AdminClient, { model, keyAlias }: ChatWish, failure: FailedCall): Promise<CliError> {
  const rows = await rowsNamed(client, model).catch(() => []);
  // Of several targets it is unknown which one was called.
  const { model: target, litellm_credential_name: credential } = (rows.length === 1 && rows[0]?.litellm_params) || {};
  const { code, reason, hint } = failureReason(failure, {
    model,
    keyAlias,
    target: textOf(target),
    credential: textOf(credential),
    isFixed: rows.some(({ model_info: info }) => info.db_model === false),
  });
  return new CliError(code, reason, {
    ...(hint === null ? {} : { hint }),
    details: { model, status: failure.status ?? null, message: failure.message },
  });
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function unanswered(client: AdminClient, wish: ChatWish, code: string, text: string): CliError {
  if (code === 'ETIMEDOUT') return tooSlow(wish);
  if (text !== '') return brokenOff(wish);
  // A question changes nothing, so it may be asked again.
  return noAnswer(client.target, { method: 'GET', path: PATH }, code);
}

const brokenOff = ({ model }: ChatWish) =>
  new CliError('provider_failed', `The answer of "${model}" broke off before its end`, {
    hint: 'Try again, and see why it broke off: agents-llm logs litellm -n 50',
    details: { model },
  });

const tooSlow = ({ model, timeoutMs }: ChatWish) =>
  new CliError('provider_failed', `"${model}" did not finish its answer within ${Math.round(timeoutMs / 1000)} s`, {
    hint: 'Wait longer with --timeout 30m, or use a faster model',
    details: { model, timeoutMs },
  });
