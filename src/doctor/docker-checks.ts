import type { DockerFacts } from '../runtime/runtime.ts';
import { formatDuration } from '../text/duration.ts';
import { isAtLeast, isOlder } from '../text/version-order.ts';
import type { Check } from './check.ts';
import type { CheckId } from './check-id.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';
import type { ExaminedStack } from './looked-up.ts';

export const DOCKER_CHECKS: readonly Check[] = [
  onDocker('docker-cli', async (_, { cli }) => ok(`docker ${await cli()}`)),
  onDocker('context', (_, stack) => lookAtContext(stack)),
  onDocker('engine', async (_, { engine }) => {
    const found = await engine();
    return ok(`Docker ${found?.version} at ${found?.endpoint}`);
  }),
  onDocker('compose', async (facts, { cli }) => {
    await cli();
    return judgeCompose(await facts.composeVersion());
  }),
  onDocker('clock', async (_, { engine }) => judgeClock((await engine())?.skew ?? null)),
];

function onDocker(id: CheckId, look: (facts: DockerFacts, stack: ExaminedStack) => Promise<Finding>): Check {
  return {
    id,
    look: (stack) => {
      const { facts } = stack.runtime;
      return facts.kind === 'docker' ? look(facts, stack) : skip('the stack runs without Docker');
    },
  };
}

/** Whether Docker means the engine that the stack lives on. */
async function lookAtContext({ invocation, endpoint, state, services }: ExaminedStack): Promise<Finding> {
  const { DOCKER_HOST, DOCKER_CONTEXT } = invocation.context.env;
  const address = await endpoint();
  const made = (await state().catch(() => undefined))?.engine.endpoint;
  if (made !== undefined && made !== address) await services();
  const named = DOCKER_HOST ? 'DOCKER_HOST' : DOCKER_CONTEXT ? `DOCKER_CONTEXT=${DOCKER_CONTEXT}` : "Docker's settings";
  return ok(`${address}, by ${named}`);
}

const UPDATE = 'update it: https://docs.docker.com/compose/install/';

/** Defects that agents-llm goes round, and that meet whoever runs Compose by hand. */
export function judgeCompose(version: string): Finding {
  const isWithin = (first: string, end: string) => isAtLeast(version, first) && isOlder(version, end);
  const defects = [
    ...(isWithin('2.26', '2.27') ? ['writes ESC[2K before its lines, also into pipes'] : []),
    ...(isWithin('2.0', '2.30') ? ['lets `--wait` go on past `--wait-timeout`'] : []),
  ];
  const name = `Compose ${version}`;
  if (defects.length > 0)
    return warn(`${name}, run by hand, ${defects.join(', and ')}; agents-llm goes round that`, UPDATE);
  const asks = isAtLeast(version, '2.32');
  return ok(asks ? `${name}; by hand, never give \`up\` its -y: that may recreate the volume` : name);
}

export function judgeClock(skew: number | null): Finding {
  if (skew === null) return skip('the engine does not say what time it is');
  const ms = Math.abs(skew);
  const seen = `the engine's clock is ${formatDuration(ms)} ${skew < 0 ? 'behind' : 'ahead of'} this machine's`;
  const fix = 'set both clocks (timedatectl set-ntp true), or start Docker Desktop again';
  if (ms >= 60_000) return fail('clock_skewed', `${seen}: keys expire at the wrong time, and TLS may fail`, fix);
  return ms >= 5000 ? warn(seen, fix) : ok("the engine's clock is this machine's");
}
