import { dirname } from 'node:path';
import { isLoopback } from '../io/network/remote-http.ts';
import type { RuntimeKind } from '../model/service.ts';
import { formatBytes } from '../text/byte-size.ts';
import { isAtLeast } from '../text/version-order.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

type Env = Readonly<Record<string, string | undefined>>;

export const MACHINE_CHECKS: readonly Check[] = [
  { id: 'node', run: ({ invocation }) => judgeNode(invocation.context.nodeVersion) },
  { id: 'memory', run: async (stack) => judgeMemory(await memoryOf(stack)) },
  { id: 'disk', run: async (stack) => judgeDisk(await disksOf(stack), stack.runtime.kind) },
  {
    id: 'proxy-variables',
    run: async ({ invocation, url }) => judgeProxyVariables(invocation.context.env, await url()),
  },
];

/** The minimum in `engines` of package.json. */
export function judgeNode(version: string): Finding {
  if (isAtLeast(version, '20.19')) return ok(`Node ${version}`);
  return fail(
    'node_too_old',
    `Node ${version} is too old: agents-llm needs 20.19 or later`,
    'Install a newer one: https://nodejs.org',
  );
}

const GB = 1e9;

async function memoryOf({ invocation, engine }: ExaminedStack): Promise<number> {
  return (await engine())?.memory ?? invocation.context.memory();
}

export function judgeMemory(bytes: number): Finding {
  if (bytes === 0) return skip('The engine does not report its memory');
  if (bytes < GB) {
    const fix = 'Give Docker more memory: Docker Desktop, Settings, Resources, or colima start --memory 4';
    return fail('memory_low', `${formatBytes(bytes)} of memory, but the gateway alone needs 1 GB`, fix);
  }
  if (bytes < 1.5 * GB)
    return warn(
      `${formatBytes(bytes)} of memory is enough for the gateway but leaves little for anything else`,
      'Give it 2 GB or more',
    );
  return ok(`${formatBytes(bytes)} of memory`);
}

export interface Disk {
  readonly what: string;
  /** Undefined if the file system does not tell. */
  readonly free: number | undefined;
}

async function disksOf(stack: ExaminedStack): Promise<Disk[]> {
  const { files } = stack.invocation.context;
  const places = [{ what: 'configuration', path: stack.invocation.settings.paths.folder }];
  const data = await dataOnThisDisk(stack);
  if (data !== undefined) places.push({ what: 'data', path: data });
  const nearest = async (path: string): Promise<string> =>
    (await files.owner(path)) === undefined && path !== dirname(path) ? nearest(dirname(path)) : path;
  return Promise.all(
    places.map(async ({ what, path }) => ({ what, free: await files.freeBytes(await nearest(path)) })),
  );
}

/** Undefined for an engine in a virtual machine or on another host, whose disk cannot be examined. */
async function dataOnThisDisk({ invocation, runtime, engine, place }: ExaminedStack): Promise<string | undefined> {
  if (runtime.kind === 'native') return (await place()).volume ?? undefined;
  const facts = await engine().catch(() => null);
  if (!facts?.storage || !facts.endpoint.startsWith('unix:')) return undefined;
  const owner = await invocation.context.files.owner(facts.storage).catch(() => undefined);
  return owner === undefined ? undefined : facts.storage;
}

export function judgeDisk(disks: readonly Disk[], runtime: RuntimeKind): Finding {
  const known = disks.flatMap(({ what, free }) => (free === undefined ? [] : [{ what, free }]));
  if (known.length === 0) return skip('The file system does not report its free space');
  const seen = known.map(({ what, free }) => `${formatBytes(free)} free for ${what}`).join(', ');
  const least = Math.min(...known.map(({ free }) => free));
  const command = runtime === 'docker' ? 'docker system df shows what Docker uses' : 'df -h shows where';
  const fix = `Free disk space: ${command}`;
  if (least < 0.1 * GB) return fail('state_full', seen, fix);
  return least < 2 * GB ? warn(`${seen}, which is little for an image or a backup`, fix) : ok(seen);
}

const PROXIES = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

/** agents-llm itself never uses an HTTP proxy for this machine, but programs that use the gateway may. */
export function judgeProxyVariables(env: Env, url: string): Finding {
  const set = PROXIES.filter((name) => env[name]);
  if (set.length === 0) return ok('No proxy variables set');
  const host = new URL(url).hostname;
  const spared = env.no_proxy || env.NO_PROXY || '';
  if (spared.split(',').some((entry) => spares(entry.trim(), host))) return ok(`NO_PROXY excludes ${host}`);
  const value = [spared, '127.0.0.1', 'localhost', ...(isLoopback(url) ? [] : [host])].filter(Boolean).join(',');
  const fix = `Exclude the gateway: export NO_PROXY=${value} no_proxy=${value}`;
  return warn(`${set.join(', ')} would send requests for ${host} to an HTTP proxy, which cannot reach it`, fix);
}

function spares(entry: string, host: string): boolean {
  const name = entry.replace(/:\d+$/, '');
  return name === '*' || name === host || (name.startsWith('127.0.0.0/') && host.startsWith('127.'));
}
