import { PROXY } from '../../model/service.ts';
import { REACH_MS, type ReachedHost, reachHosts } from '../reach-hosts.ts';
import type { Machine } from '../responder.ts';
import type { Runtime } from '../runtime.ts';
import type { DockerCli } from './engine/docker-cli.ts';

/** Asks from inside the gateway's container. */
export function reachFromContainer(
  urls: readonly string[],
  { docker, services, files }: Pick<Machine, 'files'> & Pick<Runtime, 'services'> & { readonly docker: DockerCli },
): Promise<readonly ReachedHost[]> {
  return reachHosts(urls, files, async (program, args) => {
    const { id = '' } = (await services()).find(({ service }) => service === PROXY) ?? {};
    const command = ['exec', '-i', id, 'python3', '-I', ...args];
    return docker(command, { timeoutMs: REACH_MS, stdin: { text: program } });
  });
}
