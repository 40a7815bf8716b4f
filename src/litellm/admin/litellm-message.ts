import * as z from 'zod/mini';
import { oneLine } from '../../text/shown-text.ts';

const ERROR = z.object({ error: z.object({ message: z.string() }) });
const DETAIL = z.object({ detail: z.unknown() });
const INNER = z.object({ error: z.string() });
const ISSUES = z.array(z.object({ loc: z.optional(z.array(z.union([z.string(), z.number()]))), msg: z.string() }));
const PROBLEM = z.object({ title: z.string() });

const MAX_LENGTH = 400;
const MOST_READ = 8000;

/**
 * LiteLLM's message from any of its error bodies, safe to print; empty if the body is not an error.
 * @example litellmMessage({ error: { message: "{'error': 'No keys found'}" } }) // 'No keys found'
 */
export function litellmMessage(body: unknown): string {
  const error = z.safeParse(ERROR, body);
  if (error.success) return cleanMessage(error.data.error.message);
  const detail = z.safeParse(DETAIL, body);
  if (detail.success && detail.data.detail !== undefined) return cleanMessage(detailText(detail.data.detail));
  const problem = z.safeParse(PROBLEM, body);
  return problem.success ? cleanMessage(problem.data.title) : '';
}

function detailText(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  const inner = z.safeParse(INNER, detail);
  if (inner.success) return inner.data.error;
  const issues = z.safeParse(ISSUES, detail);
  if (!issues.success) return '';
  return issues.data.map(({ loc, msg }) => [loc?.slice(1).join('.'), msg].filter(Boolean).join(': ')).join('; ');
}

/** One line without Python's dict text, stack traces, keys, key hashes, colours or control characters. */
export function cleanMessage(text: string): string {
  // Cut first, so that the patterns never see a very long text.
  const words = withoutTrace(unwrapPython(text.slice(0, MOST_READ).trim()))
    .replace(/\s{0,9}Received API Key = .{0,999}?Key Hash \(Token\) ?= ?[0-9a-f]{0,64}\.?/is, '')
    .replace(/\b[0-9a-f]{64}\b/gi, '[hash]')
    .replace(/\bsk-[\w.*-]*/g, (key) => key.replace(/^.*\w{4}/, 'sk-…'))
    .replace(/^Authentication Error, /, '');
  return oneLine(oneLine(words, MOST_READ).replace(/\s+/g, ' ').trim(), MAX_LENGTH + 1);
}

function withoutTrace(text: string): string {
  const at = text.search(/stack trace:|Traceback \(most recent call last\)/);
  return at < 0 ? text : text.slice(0, at);
}

function unwrapPython(text: string): string {
  const [begin, quote] = /^\{'(?:error|message|detail)': (['"])/.exec(text) ?? [];
  if (begin === undefined || !(text.endsWith(`${quote}}`) || text.length === MOST_READ)) return text;
  const end = text.endsWith(`${quote}}`) ? -2 : undefined;
  return text
    .slice(begin.length, end)
    .replace(/\\n/g, ' ')
    .replace(/\\(['"\\])/g, '$1');
}
