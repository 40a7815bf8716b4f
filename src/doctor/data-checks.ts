import { shownData } from '../litellm/admin/shown-data.ts';
import { logRetentionOf } from '../litellm/gateway-config/log-retention-of.ts';
import { DATABASE, PROXY } from '../model/service.ts';
import { litellmFilesOf } from '../runtime/litellm-files.ts';
import type { DataPlace } from '../runtime/runtime.ts';
import { type DataLoss, findMissing, findUnreadable } from '../stack/data/data-losses.ts';
import { type DatabaseSize, describeSize } from '../stack/data/database-size.ts';
import { dataGone, dataReplaced } from '../stack/startup/known-data.ts';
import { volumeCheck } from '../stack/verify/verify-checks.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, findingOf, ok, skip, warn } from './finding.ts';

export const DATA_CHECKS: readonly Check[] = [
  { id: 'volume', run: checkVolume },
  { id: 'database', run: checkDatabase },
  { id: 'database-size', run: checkSize },
  { id: 'data-identity', run: checkIdentity },
  { id: 'readable', run: checkReadable },
];

async function checkVolume({ place, services, state }: ExaminedStack): Promise<Finding> {
  const [found, known] = [await place(), (await state())?.data];
  if (found.volume === null && known) return findingOf(dataGone(known));
  const database = (await services()).find(({ service }) => service === DATABASE);
  return judgeVolume(found, database?.status === 'running');
}

export function judgeVolume(place: DataPlace, runs: boolean): Finding {
  if (place.volume === null) return skip('No data yet');
  // Without a running database the native runtime mounts nothing, and Docker may have no container.
  const {
    ok: isWell,
    skipped,
    seen,
  } = volumeCheck(runs ? place : { ...place, mounted: place.mounted ?? place.volume });
  if (skipped) return skip(seen);
  if (isWell) return ok(seen);
  return fail(
    'data_replaced',
    seen,
    `Stop what else uses it, or recreate the database container: agents-llm restart ${DATABASE}`,
  );
}

async function checkDatabase({ health, held, services, place }: ExaminedStack): Promise<Finding> {
  if ((await health())?.state === 'database-lost') {
    return fail(
      'database_lost',
      'The gateway has lost its database',
      `See why: agents-llm logs ${DATABASE}\nStart the stack: agents-llm up`,
    );
  }
  const data = await held();
  if (!data) return skip('The database is not running');
  if (data.isSuperuser) {
    const own = 'Repair its roles: agents-llm up';
    const yours = 'Use a role that owns the database but is not a superuser: agents-llm up --database-url-from-env VAR';
    return warn(
      "LiteLLM's database role is a superuser, so SQL injection could run programs",
      (await place()).external ? yours : own,
    );
  }
  const version = (await services()).find(({ service }) => service === DATABASE)?.version;
  return ok(`PostgreSQL ${version ?? 'of unknown version'} answers`);
}

/** From here on a request log that nothing ends is worth a word. */
const LARGE_LOG = 1e9;

async function checkSize(stack: ExaminedStack): Promise<Finding> {
  const data = await stack.held();
  if (!data?.size) return skip('The database is not running');
  return judgeSize(data.size, await retentionOf(stack, data.size));
}

/** LiteLLM's own configuration beats its database. */
async function retentionOf({ invocation, spec }: ExaminedStack, { logRetention }: DatabaseSize) {
  const { context, settings } = invocation;
  const files = await litellmFilesOf(await spec(), context.files, settings.paths).catch(() => undefined);
  if (!files) return logRetention;
  const { savedConfig } = await import('../litellm/gateway-config/saved-config.ts');
  const own = logRetentionOf(savedConfig(files));
  return own === undefined ? logRetention : own;
}

export function judgeSize(size: DatabaseSize, retention: string | null): Finding {
  const seen = `The database takes ${describeSize(size)}`;
  if (retention !== null) return ok(`${seen} (kept for ${retention})`);
  if (size.logBytes < LARGE_LOG) return ok(`${seen} (old requests are never deleted)`);
  return warn(
    `${seen}, and old requests are never deleted`,
    'Set maximum_spend_logs_retention_period: 30d in litellm.general_settings of agents-llm.yaml, then run: agents-llm up',
  );
}

async function checkIdentity({ held, state }: ExaminedStack): Promise<Finding> {
  const [data, known] = [await held(), (await state())?.data];
  if (!data) return skip('The database is not running');
  if (!known) return skip('Nothing to compare with yet');
  if (data.id === known.id) return ok('The data belongs to this stack');
  return findingOf(dataReplaced(known.volume));
}

async function checkReadable(stack: ExaminedStack): Promise<Finding> {
  const { clock } = stack.invocation.context;
  const [data, shown, kept] = await Promise.all([stack.held(), shownBy(stack), stack.kept()]);
  if (!data || !shown || !kept) return skip('Not checked until the gateway is ready');
  // Aliases without their provider have their own check.
  const missing = findMissing(data.rows, shown, kept.wanted).filter(({ kind }) => kind !== 'provider');
  const losses = [...findUnreadable(data.rows, shown), ...missing];
  const proxy = (await stack.services()).find(({ service }) => service === PROXY);
  return judgeLosses(losses, clock.now() - (proxy?.startedAt ?? 0));
}

async function shownBy(stack: ExaminedStack) {
  const [credentials, models] = await Promise.all([stack.credentials(), stack.models()]);
  const [keys, teams] = await Promise.all([stack.keys(), stack.teams()]);
  return credentials && models && keys && teams ? shownData({ credentials, models, keys, teams }) : undefined;
}

/** The gateway loads its models gradually after its start. */
const READS_FOR_MS = 60_000;

export function judgeLosses(losses: readonly DataLoss[], uptimeMs: number): Finding {
  if (losses.length === 0) return ok('LiteLLM can read all data in its database');
  const seen = losses.map(({ kind, name, what, why }) => `${kind} ${name} is ${what}: ${why}`).join('; ');
  if (uptimeMs < READS_FOR_MS) return warn(`${seen} (the gateway has just started)`, 'Check again: agents-llm doctor');
  return fail('data_lost', seen, 'Restore a backup: agents-llm restore latest');
}
