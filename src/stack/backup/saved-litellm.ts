import { dirname } from 'node:path';
import * as z from 'zod/mini';
import type { Operation, Workplace } from '../../context/invocation.ts';
import { confirm } from '../../io/terminal/ask.ts';
import { canAsk } from '../../litellm/input/ask-target.ts';
import { CliError } from '../../model/errors.ts';
import { hashOfFiles, LITELLM_CONFIG, type LitellmFiles } from '../../model/litellm-files.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { litellmFilesOf } from '../../runtime/litellm-files.ts';
import type { LitellmWish } from '../open/plan-spec.ts';

/** A path below the folder of the configuration. */
const INSIDE = /^(?!\.\.?(\/|$))[\w.@+-]+(\/(?!\.\.?(\/|$))[\w.@+-]+)*$/;

/** LiteLLM's own configuration in a manifest. It has no secrets, because a configuration with secrets is refused. */
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

/** The configuration that a stack created for an archive is started with. */
export async function wishFromArchive(
  { file, saved }: { readonly file: string; readonly saved: SavedLitellm | undefined },
  force: boolean,
  invocation: Operation,
): Promise<LitellmWish | undefined> {
  if (!saved) return undefined;
  const names = Object.keys(saved.files).sort();
  const python = names.filter((name) => name.endsWith('.py'));
  const isOwn = dirname(file) === invocation.settings.paths.backups;
  if (python.length > 0 && !isOwn && !force) await requireConsent(file, python, invocation);
  invocation.progress.note(`Restoring LiteLLM's own configuration (${names.join(', ')})`);
  // The data of the archive brings the retention of its request log.
  return { ...saved, variables: await variablesOf(saved.files), warnings: [], loopback: [], setsRetention: true };
}

/** An archive from elsewhere could contain anyone's code. */
async function requireConsent(
  file: string,
  python: readonly string[],
  invocation: Pick<Operation, 'context' | 'progress'>,
): Promise<void> {
  const risk = `${file} contains Python that runs in the gateway with all its secrets (${python.join(', ')})`;
  if (canAsk(invocation.context)) {
    invocation.context.streams.stderr.write(`${risk}\n`);
    if (await confirm('Restore it?', invocation)) return;
  }
  throw new CliError('confirmation_needed', risk, {
    hint: 'Restore it without a question: --force',
    details: { file, python },
  });
}

async function variablesOf(files: LitellmFiles): Promise<readonly string[]> {
  // Only here, because the YAML parser takes long to load.
  const [{ savedConfig }, { variablesIn }] = await Promise.all([
    import('../../litellm/gateway-config/saved-config.ts'),
    import('../../litellm/gateway-config/litellm-rules.ts'),
  ]);
  return variablesIn(savedConfig(files));
}

/** A warning that an existing stack keeps its own configuration, which differs from the archive's. */
export function litellmDifference(
  saved: SavedLitellm | undefined,
  { litellm }: Pick<StackSpec, 'litellm'>,
): readonly string[] {
  if (!saved || saved.hash === litellm?.hash) return [];
  return [
    `The backup was made with LiteLLM's own configuration of ${saved.source}, but the stack keeps ${litellm ? `the one of ${litellm.source}` : 'running without one'}`,
  ];
}
