import * as z from 'zod/mini';
import type { Files } from '../io/files/files.ts';
import { describeEnd, type RunResult } from '../io/processes/runner.ts';
import { CliError } from '../model/errors.ts';
import { templateFile } from '../package-files.ts';
import { jsonAs } from '../text/json.ts';

/** The result of a TLS handshake with a host from where the gateway runs. */
const REACHED_HOST = z.object({
  url: z.string(),
  /** The step that failed; null if the handshake was completed. */
  failed: z.nullable(z.enum(['dns', 'connect', 'proxy', 'tls', 'certificate'])),
  /** The message of Python or OpenSSL; empty for a host that was reached. */
  why: z.optional(z.string()),
  /** The HTTP proxy that was used, without its credentials. */
  proxy: z.optional(z.string()),
  /** The status with which the proxy refused. */
  status: z.nullish(z.number()),
});

export type ReachedHost = Readonly<z.infer<typeof REACHED_HOST>>;

/** The program itself gives up after 6 s. */
export const REACH_MS = 15_000;

/** Asks hosts for a TLS handshake; `run` runs the program with the gateway's Python. */
export async function reachHosts(
  urls: readonly string[],
  files: Pick<Files, 'read'>,
  run: (program: string, args: readonly string[]) => Promise<RunResult>,
): Promise<readonly ReachedHost[]> {
  const program = (await files.read(templateFile('reach_hosts.py'))) ?? '';
  const result = await run(program, ['-', ...urls]);
  const reached = jsonAs(z.array(REACHED_HOST), result.stdout);
  if (reached) return reached;
  const last = result.stderr.trim().split('\n').at(-1) || describeEnd(result);
  throw new CliError('not_responding', `Cannot ask the providers from where the gateway is: ${last}`, {
    hint: 'See the state of the gateway: agents-llm status',
  });
}
