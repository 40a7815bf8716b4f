import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface GrpcReceiver {
  readonly port: number;
  /** The methods that were called and what came, as protobuf, which contains texts unchanged. */
  readonly calls: readonly { readonly method: string; readonly body: string }[];
  close(): Promise<void>;
}

/** Python's, since Node has no gRPC of its own. */
const SERVE = `import base64, concurrent.futures, os, sys, grpc
class Handler(grpc.GenericRpcHandler):
    def service(self, call):
        def answer(request, context):
            print(call.method, base64.b64encode(request).decode(), flush=True)
            return b""
        return grpc.unary_unary_rpc_method_handler(answer)
server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((Handler(),))
given = [(os.environ["KEY"].encode(), os.environ["CERTIFICATE"].encode())]
print(server.add_secure_port("0.0.0.0:0", grpc.ssl_server_credentials(given)), flush=True)
server.start()
sys.stdin.read()`;

/** Takes traces as OpenTelemetry's exporters send them by gRPC. `python` has grpcio. */
export async function startGrpcReceiver(
  python: string,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): Promise<GrpcReceiver> {
  const child = spawn(python, ['-c', SERVE], {
    env: { CERTIFICATE: certificate, KEY: key },
    // It ends with this process, too.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const calls: { method: string; body: string }[] = [];
  const lines = createInterface({ input: child.stdout });
  const [port] = await once(lines, 'line');
  lines.on('line', (line: string) => {
    const [method = '', body = ''] = line.split(' ');
    calls.push({ method, body: Buffer.from(body, 'base64').toString('latin1') });
  });
  return {
    port: Number(port),
    calls,
    async close() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
