import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { StackUnderTest } from './stack-under-test.ts';

export interface Upstream {
  /** As the proxy reaches it. */
  readonly url: string;
  /** What arrived: which provider key, which model. */
  readonly seen: readonly { readonly key: string; readonly model: string }[];
  close(): Promise<void>;
}

/** A provider that speaks OpenAI's chat completions and keeps what reached it; a key that begins with sk-bad is refused. */
export async function startUpstream({ host }: Pick<StackUnderTest, 'host'>): Promise<Upstream> {
  const seen: { key: string; model: string }[] = [];
  const server: Server = createServer(async (request, response) => {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    const { model = '' } = JSON.parse((await text(request)) || '{}') as { model?: string };
    seen.push({ key, model });
    response.setHeader('content-type', 'application/json');
    if (key.startsWith('sk-bad')) {
      response.statusCode = 401;
      response.end(
        JSON.stringify({
          error: { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' },
        }),
      );
      return;
    }
    const message = { role: 'assistant', content: 'pong' };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    response.end(
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model,
        choices: [{ index: 0, finish_reason: 'stop', message }],
        usage,
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/v1`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
