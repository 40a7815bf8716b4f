import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { databaseUrlFrom, type StackSecrets } from '../../project/secrets.ts';
import type { StackState } from '../../project/state.ts';
import { type DataPlace, EXTERNAL_DATABASE, type Runtime } from '../../runtime/runtime.ts';

export interface DatabaseFlags {
  readonly databaseUrlFromEnv?: string;
}

const PLACE: DataPlace = { volume: EXTERNAL_DATABASE, mounted: EXTERNAL_DATABASE, sharedWith: [], external: true };

/** The runtime, with the database that the stack really uses. */
export function onDatabaseOf(
  runtime: Runtime,
  { externalDatabase, databaseImage }: Partial<Pick<StackSpec, 'externalDatabase' | 'databaseImage'>>,
  secrets: Pick<StackSecrets, 'databaseUrl'> | undefined,
): Runtime {
  if (!externalDatabase) return runtime;
  const { external, defaults } = runtime;
  const url = secrets?.databaseUrl;
  const database = url && external?.at(url, databaseImage ?? defaults.databaseImage);
  return { ...runtime, ...(database && { database }), dataPlace: async () => PLACE };
}

/** A stack keeps the kind of its database, and only Docker has the other kind. */
export function requireDatabaseKind(
  { databaseUrlFromEnv }: DatabaseFlags,
  runtime: Runtime,
  state: StackState | undefined,
  project: string,
): void {
  if (databaseUrlFromEnv === undefined) return;
  if (!runtime.external) {
    throw new CliError('database_unsupported', 'the native runtime brings its own database: yours needs Docker', {
      hint: `leave the flag out, or run another stack under Docker: ${commandLine(project, 'up --runtime docker')}`,
      details: { runtime: runtime.kind },
    });
  }
  if (!state || state.externalDatabase) return;
  throw new CliError(
    'database_unsupported',
    'this stack keeps its data in a database of its own, and goes on doing so',
    {
      hint: `to use yours, make another stack: agents-llm -p NAME up --database-url-from-env ${databaseUrlFromEnv}`,
    },
  );
}

/** As the variable has it, else as it was. */
export function databaseUrlOf(
  { databaseUrlFromEnv }: DatabaseFlags,
  { context, settings }: Invocation,
  spec: StackSpec,
  before: Secret | undefined,
): Secret | undefined {
  if (!spec.externalDatabase) return undefined;
  if (databaseUrlFromEnv !== undefined) return databaseUrlFrom(context.env, databaseUrlFromEnv);
  if (before) return before;
  throw new CliError('secrets_invalid', `${settings.paths.secrets} cannot be used: LITELLM_DATABASE_URL is missing`, {
    hint: `give it again: ${commandLine(settings.project, 'up --database-url-from-env VAR')}`,
    details: { path: settings.paths.secrets, key: 'LITELLM_DATABASE_URL' },
  });
}

/** For what is only done to a database of the stack's own. */
export function requireOwnDatabase({ externalDatabase }: Partial<StackSpec>, what: string, hint: string): void {
  if (!externalDatabase) return;
  throw new CliError('database_not_ours', `the database is not the stack's own: ${what}`, { hint });
}

/** The way to put an archive into a database that is not the stack's own. */
export function restoreByHand(project: string, file: string): string {
  return `by hand: ${commandLine(project, 'down')}
pg_restore --clean --if-exists --no-owner --single-transaction -d "$YOUR_DATABASE_URL" ${file}
${commandLine(project, 'up')}`;
}
