import * as z from 'zod/mini';
import type { Operation, Workplace } from '../../context/invocation.ts';
import { hashOfFiles, LITELLM_CONFIG, type LitellmFiles } from '../../model/litellm-files.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { litellmFilesOf } from '../../runtime/litellm-files.ts';
import type { LitellmWish } from '../open/plan-spec.ts';

/** A path below the folder of the configuration. */
const INSIDE = /^(?!\.\.?(\/|$))[\w.@+-]+(\/(?!\.\.?(\/|$))[\w.@+-]+)*$/;

/** LiteLLM's own configuration as a manifest contains it; it has no secrets, because it is never taken with one. */
export const SAVED_LITELLM = z
  .object({
    hash: z.string(),
    source: z.string(),
    origin: z.enum(['yaml', 'flag']),
    files: z.record(z.string().check(z.regex(INSIDE)), z.string()),
  })
  .check(z.refine(({ hash, files }) => LITELLM_CONFIG in files && hashOfFiles(files) === hash));

export type SavedLitellm = z.infer<typeof SAVED_LITELLM>;

/** Undefined for a stack without one; its data can be backed up even if the files are lost. */
export async function savedLitellm(
  { context, settings }: Workplace,
  { litellm }: Pick<StackSpec, 'litellm'>,
): Promise<SavedLitellm | undefined> {
  const files = await litellmFilesOf({ litellm }, context.files, settings.paths).catch(() => undefined);
  return litellm && files && { ...litellm, files };
}

/** What a stack that is created for an archive is started with. */
export async function wishOfSaved(
  saved: SavedLitellm | undefined,
  { progress }: Pick<Operation, 'progress'>,
): Promise<LitellmWish | undefined> {
  if (!saved) return undefined;
  const names = Object.keys(saved.files).sort();
  progress.note(`Restoring LiteLLM's own configuration (${names.join(', ')})`);
  // The data of the archive brings the retention of its request log.
  return { ...saved, variables: await variablesOf(saved.files), warnings: [], setsRetention: true };
}

async function variablesOf(files: LitellmFiles): Promise<readonly string[]> {
  // Only here, because the YAML parser takes long to load.
  const [{ parse }, { variablesIn }] = await Promise.all([
    import('yaml'),
    import('../../litellm/gateway-config/litellm-rules.ts'),
  ]);
  return variablesIn(parse(Buffer.from(files[LITELLM_CONFIG] ?? '', 'base64').toString(), { version: '1.1' }));
}

/** An existing stack keeps its own configuration. */
export function otherLitellm(
  saved: SavedLitellm | undefined,
  { litellm }: Pick<StackSpec, 'litellm'>,
): readonly string[] {
  if (!saved || saved.hash === litellm?.hash) return [];
  return [
    `The backup was made with LiteLLM's own configuration of ${saved.source}, but the stack keeps ${litellm ? `the one of ${litellm.source}` : 'running without one'}`,
  ];
}
