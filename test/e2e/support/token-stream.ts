import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenStream {
  /** As the proxy in a container reaches it. */
  readonly url: string;
  /** Sends the rest after the first token. */
  goOn(): void;
  /** Of the latest request. */
  readonly sentAll: () => boolean;
  close(): Promise<void>;
}

/** A provider that streams chat completions and waits after the first token until released. */
export async function startTokenStream(): Promise<TokenStream> {
  let goOn = () => {};
  let sentAll = false;
  const server = createServer(async (_, response) => {
    sentAll = false;
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    response.setHeader('content-type', 'text/event-stream');
    const send = (delta: object, finish_reason: string | null = null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    send({ role: 'assistant', content: 'first' });
    await told;
    send({ content: ' last' });
    send({}, 'stop');
    sentAll = true;
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return {
    url: `http://host.docker.internal:${(server.address() as AddressInfo).port}/v1`,
    goOn: () => goOn(),
    sentAll: () => sentAll,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
