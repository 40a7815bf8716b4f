import type { Task } from '../../context/invocation.ts';
import type { RuntimeKind } from '../../model/service.ts';
import { DOCKER_NAME, isLoopbackHost, withLoopback } from '../../model/this-machine.ts';
import { readState } from '../../project/state.ts';
import type { AliasTarget, Params } from '../admin/alias-rows.ts';
import type { AdminClient } from '../admin/client.ts';
import { KEY_VARIABLES } from '../admin/known-providers.ts';
import { cleanMessage } from '../admin/litellm-message.ts';

/** The runtime of the project's own stack; undefined for another LiteLLM, whose network and environment are unknown. */
export async function runtimeOf(
  { target }: Pick<AdminClient, 'target'>,
  { context: { files }, settings: { paths } }: Pick<Task, 'context' | 'settings'>,
): Promise<RuntimeKind | undefined> {
  return target.startCommand === null ? undefined : (await readState(files, paths))?.runtime;
}

/** Replaces `host.docker.internal`, which only containers can resolve, for a native gateway. */
export function reachable<Values extends Params>(values: Values, runtime: RuntimeKind | undefined): Values {
  if (runtime !== 'native') return values;
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? withLoopback(value) : value,
  ]);
  return Object.fromEntries(entries) as Values;
}

/** Warns about addresses that a container resolves to itself. */
export function addressWarnings(values: Params, runtime: RuntimeKind | undefined): readonly string[] {
  if (runtime !== 'docker') return [];
  return Object.entries(values).flatMap(([name, value]) => {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (!url || !isLoopbackHost(url.hostname)) return [];
    url.hostname = DOCKER_NAME;
    const instead = url.href.replace(/\/$/, '');
    return [
      `${name} ${cleanMessage(String(value))} leads to LiteLLM's own container, because the stack runs under Docker. Use ${cleanMessage(instead)} instead`,
    ];
  });
}

/** Warns about settings that make the first call of an alias fail. */
export function targetWarnings(
  name: string,
  { target, credential, params }: AliasTarget,
  runtime: RuntimeKind | undefined,
): readonly string[] {
  const [provider = ''] = target.split('/');
  const needsKey = target.includes('/') && Object.hasOwn(KEY_VARIABLES, provider);
  const hasKey = credential !== undefined || 'api_key' in params || 'mock_response' in params;
  return [
    ...(runtime === undefined || !needsKey || hasKey
      ? []
      : [
          `Alias "${cleanMessage(name)}" names no provider, so its calls fail unless the gateway's own environment has a key for ${provider}`,
        ]),
    ...addressWarnings(params, runtime),
  ];
}
