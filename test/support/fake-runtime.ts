import type { Database, DockerFacts, Runtime } from '../../src/runtime/runtime.ts';

const surprise = (what: string) => async () => {
  throw new Error(`unexpected call of the runtime: ${what}`);
};

const SURPRISING: DockerFacts = {
  kind: 'docker',
  cliVersion: surprise('cliVersion'),
  composeVersion: surprise('composeVersion'),
  engine: surprise('engine'),
};

/** A call that was not given is an error. */
export function fakeRuntime(
  parts: Partial<Omit<Runtime, 'database'>> & { database?: Partial<Database> } = {},
): Runtime {
  return {
    kind: 'docker',
    defaults: { image: 'litellm:v1.108.11', databaseImage: 'postgres:16' },
    words: { container: 'container', volume: 'volume' },
    facts: SURPRISING,
    endpoint: async () => 'unix:///docker.sock',
    preflight: surprise('preflight'),
    services: surprise('services'),
    memory: async () => ({}),
    inventory: surprise('inventory'),
    dataPlace: surprise('dataPlace'),
    portHolder: surprise('portHolder'),
    imageDigests: async () => ({}),
    imageVersion: async () => undefined,
    prepare: surprise('prepare'),
    start: surprise('start'),
    revision: async () => 'r1',
    plan: surprise('plan'),
    stop: surprise('stop'),
    reachHosts: surprise('reachHosts'),
    remove: surprise('remove'),
    // biome-ignore lint/correctness/useYield: it fails before its first line.
    async *logs() {
      throw new Error('unexpected call of the runtime: logs');
    },
    ...parts,
    database: {
      sql: surprise('sql'),
      administer: surprise('administer'),
      dump: surprise('dump'),
      isArchive: surprise('isArchive'),
      restore: surprise('restore'),
      ...parts.database,
    },
  };
}
