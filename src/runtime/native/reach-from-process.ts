import { PROXY } from '../../model/service.ts';
import { gatewayVariables } from '../gateway-variables.ts';
import { REACH_MS, type ReachedHost, reachHosts } from '../reach-hosts.ts';
import { isolated } from './install/python.ts';
import { networkEnvironment } from './native-services.ts';
import type { NativeStack } from './native-stack.ts';
import { readRecord } from './supervisor/service-record.ts';

/** Asks with the gateway's Python and the network settings of its process. */
export async function reachFromProcess(urls: readonly string[], stack: NativeStack): Promise<readonly ReachedHost[]> {
  const { runner, signal, files } = stack.given;
  const [{ python }, env] = await Promise.all([
    stack.environmentForTools(await stack.usedImage()),
    environmentOf(stack),
  ]);
  return reachHosts(urls, files, (program, args) =>
    runner.run(isolated(python, args), { env, signal, timeoutMs: REACH_MS, stdin: { text: program } }),
  );
}

/** Reads the environment of its process; if that is not possible, the one that it would be started with. */
async function environmentOf({ given, paths }: NativeStack): Promise<Readonly<Record<string, string>>> {
  const record = await readRecord(given.files, paths.folder, PROXY);
  const pid = record?.child?.pid;
  const text = pid === undefined ? undefined : await given.files.read(`/proc/${pid}/environ`).catch(() => undefined);
  if (text) return networkSettingsIn(text);
  const variables = await gatewayVariables(given.files, given.paths);
  return networkEnvironment(given.env, variables, { ...paths, gatewayFiles: given.paths.gatewayFiles });
}

const NETWORK_SETTING = /^(https?_proxy|all_proxy|no_proxy|ssl_cert_(file|dir))=/i;

function networkSettingsIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\0').filter((line) => NETWORK_SETTING.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
