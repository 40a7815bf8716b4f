import * as z from 'zod/mini';

const ERROR = z.object({ error: z.object({ message: z.string() }) });
const DETAIL = z.object({ detail: z.unknown() });
const INNER = z.object({ error: z.string() });
const ISSUES = z.array(z.object({ loc: z.optional(z.array(z.union([z.string(), z.number()]))), msg: z.string() }));
const PROBLEM = z.object({ title: z.string() });

const MAX_LENGTH = 400;

/**
 * LiteLLM's own words out of any of its error bodies, fit to be printed; empty when the body is no error.
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
  const clean = unwrapPython(text)
    .replace(/\n?\s*(stack trace:|Traceback \(most recent call last\)).*$/s, '')
    .replace(/\s*Received API Key = .*?Key Hash \(Token\) ?= ?[0-9a-f]*\.?/is, '')
    .replace(/\b[0-9a-f]{64}\b/gi, '[hash]')
    .replace(/\bsk-[\w.*-]*\w{4,}/g, 'sk-…')
    .replace(/^Authentication Error, /, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean;
}

function unwrapPython(text: string): string {
  const match = /^\s*\{'(?:error|message|detail)': (['"])(.*)\1\}\s*$/s.exec(text);
  return match?.[2] === undefined ? text : match[2].replace(/\\n/g, ' ').replace(/\\(['"\\])/g, '$1');
}
