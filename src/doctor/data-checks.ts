import { shownData } from '../litellm/admin/shown-data.ts';
import { DATABASE, PROXY } from '../model/service.ts';
import { commandLine } from '../model/settings.ts';
import type { DataPlace } from '../runtime/runtime.ts';
import { type DataLoss, findMissing, findUnreadable } from '../stack/data/data-losses.ts';
import { dataGone, dataReplaced } from '../stack/startup/known-data.ts';
import { volumeCheck } from '../stack/verify/verify-checks.ts';
import type { Check } from './check.ts';
import { type Finding, fail, findingOf, ok, skip, warn } from './finding.ts';
import type { ExaminedStack } from './looked-up.ts';

export const DATA_CHECKS: readonly Check[] = [
  { id: 'volume', look: lookAtVolume },
  { id: 'database', look: lookAtDatabase },
  { id: 'data-identity', look: lookAtIdentity },
  { id: 'readable', look: lookAtReadable },
];

async function lookAtVolume({ place, services, state }: ExaminedStack): Promise<Finding> {
  const [found, known] = [await place(), (await state())?.data];
  if (found.volume === null && known) return findingOf(dataGone(known));
  const database = (await services()).find(({ service }) => service === DATABASE);
  return judgeVolume(found, database?.status === 'running');
}

export function judgeVolume(place: DataPlace, runs: boolean): Finding {
  if (place.volume === null) return skip('there is no data yet');
  // Without a running database nothing is mounted natively, and perhaps no container is there.
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
    `stop what else uses it, or make the database's container anew: agents-llm restart ${DATABASE}`,
  );
}

async function lookAtDatabase({ health, held, services, place, invocation }: ExaminedStack): Promise<Finding> {
  if ((await health())?.state === 'database-lost') {
    return fail('database_lost', 'the proxy has lost its database', `agents-llm logs ${DATABASE}, then: agents-llm up`);
  }
  const data = await held();
  if (!data) return skip('the database does not run');
  const up = commandLine(invocation.settings.project, 'up');
  if (data.isSuperuser) {
    const own = `put its roles right: ${up}`;
    const yours = `give LiteLLM a role that owns its database and is no superuser: ${up} --database-url-from-env VAR`;
    return warn(
      "LiteLLM's role in the database is a superuser: SQL that reaches it can run programs",
      (await place()).external ? yours : own,
    );
  }
  const version = (await services()).find(({ service }) => service === DATABASE)?.version;
  return ok(`PostgreSQL ${version ?? 'of unknown version'} answers`);
}

async function lookAtIdentity({ held, state }: ExaminedStack): Promise<Finding> {
  const [data, known] = [await held(), (await state())?.data];
  if (!data) return skip('the database does not run');
  if (!known) return skip('nothing is noted to compare with yet');
  if (data.id === known.id) return ok("the data is this stack's own");
  return findingOf(dataReplaced(known.volume));
}

async function lookAtReadable(stack: ExaminedStack): Promise<Finding> {
  const { clock } = stack.invocation.context;
  const [data, shown, kept] = await Promise.all([stack.held(), shownBy(stack), stack.kept()]);
  if (!data || !shown || !kept) return skip('cannot be told before the proxy is ready');
  // An alias whose provider is gone has a check of its own.
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

/** After its start the proxy reads its models bit by bit. */
const READS_FOR_MS = 60_000;

export function judgeLosses(losses: readonly DataLoss[], uptimeMs: number): Finding {
  if (losses.length === 0) return ok('LiteLLM shows all that its database holds, decrypted');
  const seen = losses.map(({ kind, name, what, why }) => `${kind} ${name} is ${what}: ${why}`).join('; ');
  if (uptimeMs < READS_FOR_MS) return warn(`${seen} (the proxy has just started)`, 'look again: agents-llm doctor');
  return fail('data_lost', seen, 'put the data back from a backup: agents-llm restore latest');
}
