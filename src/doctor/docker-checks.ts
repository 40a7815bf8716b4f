import { unprotectedEngine } from '../runtime/docker/engine/unprotected-engine.ts';
import type { DockerFacts } from '../runtime/runtime.ts';
import { formatDuration } from '../text/duration.ts';
import { isAtLeast, isOlder } from '../text/version-order.ts';
import type { Check } from './check.ts';
import type { CheckId } from './check-id.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

export const DOCKER_CHECKS: readonly Check[] = [
  onDocker('docker-cli', async (_, { cli }) => ok(`docker ${await cli()}`)),
  onDocker('context', (_, stack) => checkContext(stack)),
  onDocker('engine', async (_, { engine }) => {
    const found = await engine();
    return ok(`${found?.product} ${found?.version} at ${found?.endpoint}`);
  }),
  onDocker('compose', async (facts, { cli }) => {
    await cli();
    return judgeCompose(await facts.composeVersion());
  }),
  onDocker('clock', async (_, { engine }) => judgeClock((await engine())?.skew ?? null)),
];

function onDocker(id: CheckId, run: (facts: DockerFacts, stack: ExaminedStack) => Promise<Finding>): Check {
  return {
    id,
    run: (stack) => {
      const { facts } = stack.runtime;
      return facts.kind === 'docker' ? run(facts, stack) : skip('The stack uses the native runtime');
    },
  };
}

/** Checks that Docker uses the engine where the stack lives. */
async function checkContext({ invocation, endpoint, state, services }: ExaminedStack): Promise<Finding> {
  const { DOCKER_HOST, DOCKER_CONTEXT } = invocation.context.env;
  const address = await endpoint();
  const made = (await state().catch(() => undefined))?.engine.endpoint;
  if (made !== undefined && made !== address) await services();
  const named = DOCKER_HOST ? 'DOCKER_HOST' : DOCKER_CONTEXT ? `DOCKER_CONTEXT=${DOCKER_CONTEXT}` : "Docker's settings";
  const danger = await unprotectedEngine(invocation.context, address);
  return danger ? warn(danger.seen, danger.fix) : ok(`${address} (from ${named})`);
}

const UPDATE = 'Update it: https://docs.docker.com/compose/install/';

/** Defects that agents-llm works around, but that affect users who run Compose by hand. */
export function judgeCompose(version: string): Finding {
  const isWithin = (first: string, end: string) => isAtLeast(version, first) && isOlder(version, end);
  const defects = [
    ...(isWithin('2.26', '2.27') ? ['writes control characters into pipes'] : []),
    ...(isWithin('2.0', '2.30') ? ['ignores `--wait-timeout`'] : []),
  ];
  const name = `Compose ${version}`;
  if (defects.length > 0)
    return warn(
      `${name} ${defects.join(' and ')} (agents-llm works around it, but commands that you run by hand do not)`,
      UPDATE,
    );
  const asks = isAtLeast(version, '2.32');
  return ok(asks ? `${name} (never run \`docker compose up -y\`: it may recreate the volume)` : name);
}

export function judgeClock(skew: number | null): Finding {
  if (skew === null) return skip('The engine does not report its time');
  const ms = Math.abs(skew);
  const seen = `The clock of the engine is ${formatDuration(ms)} ${skew < 0 ? 'behind' : 'ahead of'} the clock of this machine`;
  const fix = 'Set both clocks (timedatectl set-ntp true), or restart Docker Desktop';
  if (ms >= 60_000) return fail('clock_skewed', `${seen}, so keys expire at the wrong time and TLS may fail`, fix);
  return ms >= 5000 ? warn(seen, fix) : ok('The clocks of the engine and this machine agree');
}
