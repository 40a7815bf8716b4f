import type { Http, HttpRequest, HttpResult } from '../../src/io/network/http.ts';

type Answer =
  | { readonly code: string }
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text?: string;
      /** Instead of `text`. */
      readonly json?: unknown;
    };

export interface FakeExchange {
  /** `GET http://host/path?query`, the query decoded. */
  readonly call: string;
  readonly answer?: Answer | ((request: HttpRequest) => Answer | Promise<Answer>);
  /** Answers any number of times, none included; otherwise exactly once. */
  readonly repeat?: boolean;
}

export interface FakeHttp extends Http {
  readonly requests: readonly HttpRequest[];
  /** Throws when something unexpected was sent, or something expected was not. */
  assertDone(): void;
}

function toResult(answer: Answer): HttpResult {
  if ('code' in answer) return { ok: false, code: answer.code };
  const text = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json);
  return { ok: true, status: answer.status ?? 200, headers: { ...answer.headers }, text };
}

/** Answers from a table; one call twice in it gives its answers in turn. Whatever is not in it is refused. */
export function fakeHttp(table: readonly FakeExchange[] = []): FakeHttp {
  const left = [...table];
  const requests: HttpRequest[] = [];
  const unexpected: string[] = [];
  return {
    requests,
    async send(request) {
      request.signal?.throwIfAborted();
      requests.push(request);
      const call = `${request.method} ${decodeURIComponent(request.url)}`;
      const index = left.findIndex((entry) => entry.call === call);
      const entry = left[index];
      if (!entry) {
        unexpected.push(call);
        throw new Error(`unexpected request: ${call}`);
      }
      if (!entry.repeat) left.splice(index, 1);
      return toResult(typeof entry.answer === 'function' ? await entry.answer(request) : (entry.answer ?? {}));
    },
    assertDone() {
      if (unexpected.length > 0) throw new Error(`unexpected requests: ${unexpected.join('; ')}`);
      const unused = left.filter((entry) => !entry.repeat).map((entry) => entry.call);
      if (unused.length > 0) throw new Error(`requests that were never sent: ${unused.join('; ')}`);
    },
  };
}
