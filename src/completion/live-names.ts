import type { Context } from '../context/context.ts';
import type { Invocation, Operation, Workplace } from '../context/invocation.ts';
import { isLoopback } from '../io/network/remote-http.ts';
import type { AdminClient } from '../litellm/admin/client.ts';
import { homeFolder, projectPaths } from '../model/paths.ts';
import { SERVICES } from '../model/service.ts';
import type { Candidate } from './completion-candidates.ts';
import type { ValueKind } from './value-kind.ts';

/** Counted from the start of the process, so that Tab answers within 200 ms; `LEAST_MS` remains if Node starts slowly. */
const LIMIT_MS = 175;
const LEAST_MS = 50;

type Find = (invocation: Invocation, baseUrl: string | undefined) => Promise<Iterable<Candidate>>;

const FINDERS: Readonly<Record<ValueKind, Find>> = {
  agents: async () => {
    const { AGENTS } = await import('../agents/agents.ts');
    return AGENTS.map(({ name, title }) => named(name, title));
  },
  'connectable-agents': async () => {
    const { connectableNames, titleOf } = await import('../agents/connect/connections.ts');
    return connectableNames().map((name) => named(name, titleOf(name)));
  },
  'connected-agents': connectedNames,
  aliases: fromProxy(async (client) => {
    const { aliasNames } = await import('../litellm/admin/models.ts');
    return (await aliasNames(client)).map((name) => named(name));
  }),
  providers: fromProxy(async (client) => {
    const { listCredentials } = await import('../litellm/admin/credentials.ts');
    const rows = await listCredentials(client);
    return rows.map((row) => named(row.credential_name, row.credential_info?.custom_llm_provider));
  }),
  keys: fromProxy(async (client) => {
    const { listKeyAliases } = await import('../litellm/admin/keys.ts');
    return (await listKeyAliases(client)).map((name) => named(name));
  }),
  'known-providers': async () => {
    const { KEY_VARIABLES } = await import('../litellm/admin/known-providers.ts');
    return Object.keys(KEY_VARIABLES).map((name) => named(name));
  },
  projects: projectNames,
  backups: backupNames,
  services: async () => SERVICES.map((name) => named(name)),
  variables: async ({ context }) => Object.keys(context.env).map((name) => named(name)),
  commands: async () => [],
  files: async () => [],
};

/** The existing names of a kind, without those that a shell cannot show. Fails if it takes too long. */
export async function liveNames(
  kind: ValueKind,
  invocation: Invocation,
  { baseUrl, startedAt }: { readonly baseUrl: string | undefined; readonly startedAt: number },
): Promise<readonly Candidate[]> {
  const { context } = invocation;
  const limitMs = Math.max(LEAST_MS, Math.round(startedAt + LIMIT_MS - context.clock.now()));
  const found = await inTime(context, limitMs, (signal) =>
    FINDERS[kind]({ ...invocation, context: { ...context, signal } }, baseUrl),
  );
  const clean = [...found].filter(({ value }) => value !== '' && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value));
  const byName = new Map(clean.map((each) => [each.value, each]));
  return [...byName.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
}

async function inTime<Result>(
  context: Context,
  limitMs: number,
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const done = new AbortController();
  const stop = () => late.abort();
  void context.clock.sleep(limitMs, done.signal).then(stop, stop);
  try {
    return await action(AbortSignal.any([context.signal, late.signal]));
  } finally {
    done.abort();
  }
}

const named = (value: unknown, description: unknown = ''): Candidate => ({
  value: typeof value === 'string' ? value : '',
  description: typeof description === 'string' ? description : '',
});

/** Only asks a gateway on this machine: Tab must not send the master key elsewhere, and the answer would be late. */
function fromProxy(list: (client: AdminClient) => Promise<Iterable<Candidate>>): Find {
  return async (invocation, baseUrl) => {
    const { openAdmin } = await import('../litellm/open-admin.ts');
    const { client } = await openAdmin(invocation, baseUrl === undefined ? {} : { baseUrl });
    if (!isLoopback(client.target.url)) return [];
    const { cleanMessage } = await import('../litellm/admin/litellm-message.ts');
    return [...(await list(client))].map(({ value, description }) => named(value, cleanMessage(description)));
  };
}

async function connectedNames({ context, settings }: Workplace): Promise<Candidate[]> {
  const [{ connectedAgents }, { titleOf }] = await Promise.all([
    import('../agents/connect/receipt.ts'),
    import('../agents/connect/connections.ts'),
  ]);
  const names = await connectedAgents(context.files, settings.paths.agents);
  return names.map((name) => named(name, titleOf(name)));
}

async function projectNames({ context }: Pick<Operation, 'context'>): Promise<Candidate[]> {
  const { env, home, cwd, files } = context;
  const folder = homeFolder(env, home, cwd);
  const names = await files.list(folder);
  const sizes = await Promise.all(
    names.map((name) => files.size(projectPaths(folder, name).state).catch(() => undefined)),
  );
  return names.filter((_, index) => sizes[index] !== undefined).map((name) => named(name));
}

async function backupNames({ context, settings }: Workplace): Promise<Candidate[]> {
  const [{ listBackups }, { describeCounts }] = await Promise.all([
    import('../stack/backup/archives.ts'),
    import('../stack/data/data-counts.ts'),
  ]);
  const whole = (await listBackups(context.files, settings.paths)).filter(({ problem }) => problem === null);
  const names = whole.map(({ name, manifest }) =>
    named(name.replace(/\.dump$/, ''), manifest ? describeCounts(manifest.counts) : ''),
  );
  return names.length === 0 ? [] : [named('latest', 'the newest'), ...names];
}
