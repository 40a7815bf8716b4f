import { dirname } from 'node:path';
import { projectPaths } from '../model/paths.ts';
import { readState, type StackState } from '../project/state.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, ok, warn } from './finding.ts';

export const NEIGHBOUR_CHECKS: readonly Check[] = [
  {
    id: 'other-stacks',
    run: async (stack) => judgeNeighbours(await readNeighbours(stack), (await stack.spec()).port),
  },
];

type Neighbour = Pick<StackState, 'project' | 'port' | 'runtime'>;

/** The other stacks of this $AGENTS_LLM_HOME. An unreadable one is reported by its own doctor. */
async function readNeighbours({ invocation: { context, settings } }: ExaminedStack): Promise<Neighbour[]> {
  const home = dirname(settings.paths.folder);
  const names = (await context.files.list(home)).filter((name) => name !== settings.project);
  const found = names.map((name) => readState(context.files, projectPaths(home, name)).catch(() => undefined));
  return (await Promise.all(found)).filter((state): state is StackState => state !== undefined);
}

export function judgeNeighbours(others: readonly Neighbour[], port: number): Finding {
  if (others.length === 0) return ok('No other stacks on this machine');
  const seen = others.map((other) => `${other.project} (${other.runtime}, port ${other.port})`).join(', ');
  const rival = others.find((other) => other.port === port);
  if (!rival) return ok(seen);
  return warn(
    `${seen}: only one stack at a time can use port ${port}`,
    `Use another port for this stack: agents-llm up --port ${freePort(others, port)}`,
  );
}

function freePort(others: readonly Neighbour[], from: number): number {
  const taken = new Set(others.map(({ port }) => port));
  let port = from;
  while (taken.has(port)) port += 1;
  return port;
}
