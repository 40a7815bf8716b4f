import { hostname } from 'node:os';
import { processPlace } from '../io/processes/process-place.ts';
import { CANARY_PREFIX, canaryNames, removeCanaries } from '../litellm/admin/canary.ts';
import { cleanMessage } from '../litellm/admin/litellm-message.ts';
import type { KeyRow } from '../litellm/admin/schemas.ts';
import { OWNER } from '../litellm/keys/key-limits.ts';
import { findStaleKeys, isOfProcess } from '../litellm/keys/stale-keys.ts';
import { inspectLock } from '../project/lock.ts';
import { DASHBOARD } from '../stack/data/data-rows.ts';
import type { SortedKeys } from '../stack/verify/sort-kept-keys.ts';
import { formatDuration } from '../text/duration.ts';
import { shellWord } from '../text/shown-text.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, ok, skip, warn } from './finding.ts';

const NOT_READY = skip('Not checked until the gateway is ready');

export const KEY_CHECKS: readonly Check[] = [
  {
    id: 'saved-keys',
    run: async ({ kept }) => {
      const sorted = await kept();
      return sorted ? judgeKept(sorted) : NOT_READY;
    },
  },
  {
    id: 'expiring-keys',
    run: async ({ keys, invocation }) => {
      const rows = await keys();
      return rows ? judgeExpiry(rows, invocation.context.clock.now()) : NOT_READY;
    },
  },
  {
    id: 'orphaned-keys',
    run: async ({ keys, invocation }) => {
      const rows = await keys();
      if (!rows) return NOT_READY;
      const own = { host: hostname(), place: await processPlace() };
      return judgeStale(await findStaleKeys(rows, own, invocation.context.processes));
    },
  },
  { id: 'canaries', run: checkCanaries, repair: clearCanaries },
];

const SOON_MS = 7 * 86_400_000;

/** Keys that disappeared without a trace are losses, which the check `readable` reports. */
function judgeKept({ ended }: SortedKeys): Finding {
  if (ended.length === 0) return ok('Every saved virtual key still exists in LiteLLM');
  return warn(ended.map(({ seen }) => seen).join('; '), ended.map(({ fix }) => fix).join('\n'));
}

export function judgeExpiry(rows: readonly KeyRow[], now: number): Finding {
  const watched = rows.filter(
    (row) =>
      row.expires != null &&
      row.team_id !== DASHBOARD &&
      !isOfProcess(row) &&
      !row.key_alias?.startsWith(CANARY_PREFIX),
  );
  const soon = watched
    .map((row) => ({ row, left: Date.parse(row.expires ?? '') - now }))
    .filter(({ left }) => left <= SOON_MS)
    .sort((a, b) => a.left - b.left);
  if (soon.length === 0) return ok('No key expires within 7 days');
  const seen = soon.map(({ row, left }) =>
    left <= 0
      ? `${nameOf(row)} expired ${formatDuration(-left)} ago`
      : `${nameOf(row)} expires in ${formatDuration(left)}`,
  );
  const ours = soon.find(({ row }) => row.metadata?.[OWNER] === 'agents-llm');
  const fix = ours
    ? `Replace it: agents-llm provision-key --alias ${shellWord(nameOf(ours.row))} --rotate`
    : 'See which: agents-llm key list';
  return warn(seen.join(', '), fix);
}

export function judgeStale(rows: readonly KeyRow[]): Finding {
  if (rows.length === 0) return ok('No keys left over from ended processes');
  const names = rows.map(nameOf);
  return warn(
    `Ended processes left these keys: ${names.join(', ')}`,
    `Revoke them: agents-llm key revoke ${names.map(shellWord).join(' ')}`,
  );
}

function nameOf({ key_alias, token }: KeyRow): string {
  return cleanMessage(key_alias ?? token.slice(0, 12));
}

async function checkCanaries(stack: ExaminedStack): Promise<Finding> {
  const [credentials, models, keys] = [await stack.credentials(), await stack.models(), await stack.keys()];
  if (!credentials || !models || !keys) return NOT_READY;
  const { context, settings } = stack.invocation;
  const lock = await inspectLock(context, settings.paths.lock);
  return judgeCanaries(canaryNames({ credentials, models, keys }), Boolean(lock?.alive));
}

/** While another command runs, the rows may belong to its verify-persistence. */
export function judgeCanaries(names: readonly string[], isBusy: boolean): Finding {
  if (names.length === 0) return ok('No leftover test rows');
  const seen = `verify-persistence left these test rows: ${names.map(cleanMessage).join(', ')}`;
  return isBusy
    ? skip('Another command is running and may use the test rows')
    : warn(seen, 'Remove them: agents-llm doctor --fix');
}

async function clearCanaries({ client }: ExaminedStack): Promise<string> {
  const given = await client();
  const count = given ? await removeCanaries(given) : 0;
  return `Removed ${count} test ${count === 1 ? 'row' : 'rows'} of verify-persistence`;
}
