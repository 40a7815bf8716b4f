import type { ProcessHandle } from '../../src/io/processes/process-table.ts';
import type { Processes } from '../../src/io/processes/processes.ts';

export interface FakeProcesses extends Processes {
  /** Identity by process id; a test starts and ends processes here. */
  readonly alive: Map<number, string>;
  /** What was sent, such as `SIGTERM 12`, to a group as `SIGKILL -12`. */
  readonly sent: readonly string[];
}

/** Processes in memory: signals arrive by identity, as the system's do, and do what `onSignal` makes of them. */
export function fakeProcesses(
  alive: Readonly<Record<number, string>> = {},
  onSignal: (signal: NodeJS.Signals, target: ProcessHandle, fake: FakeProcesses) => void = () => undefined,
): FakeProcesses {
  const sent: string[] = [];
  const fake: FakeProcesses = {
    alive: new Map(Object.entries(alive).map(([pid, identity]) => [Number(pid), identity])),
    sent,
    identity: async (pid) => fake.alive.get(pid),
    async signal(target, signal, { group = false } = {}) {
      const now = fake.alive.get(target.pid);
      if (now !== target.identity && (now !== undefined || !group)) return false;
      sent.push(`${signal} ${group ? '-' : ''}${target.pid}`);
      if (now !== undefined) onSignal(signal, target, fake);
      return true;
    },
    groupMemory: async (pids) => pids.map(() => undefined),
    leftBehind: async () => [],
    hasGroup: async (pid) => fake.alive.has(pid),
    async listener() {
      throw new Error('no port was to be looked at');
    },
    async serves() {
      throw new Error('no connection was to be looked at');
    },
    async servedBy() {
      throw new Error('no connection was to be looked at');
    },
  };
  return fake;
}
