import type { Workplace } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { databaseUrlFrom, type StackSecrets } from '../../project/secrets.ts';
import type { StackState } from '../../project/state.ts';
import { type DataPlace, EXTERNAL_DATABASE, type Runtime } from '../../runtime/runtime.ts';

export interface DatabaseFlags {
  readonly databaseUrlFromEnv?: string;
}

const PLACE: DataPlace = { volume: EXTERNAL_DATABASE, mounted: EXTERNAL_DATABASE, sharedWith: [], external: true };

/** The runtime with the database that the stack uses. */
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
  state: Pick<StackState, 'externalDatabase'> | undefined,
): void {
  if (databaseUrlFromEnv === undefined) return;
  if (!runtime.external) {
    throw new CliError(
      'database_unsupported',
      'The native runtime has its own database, so an external one needs Docker',
      {
        hint: `Leave out --database-url-from-env
Or create another stack under Docker: agents-llm -p NAME up --runtime docker --database-url-from-env ${databaseUrlFromEnv}`,
        details: { runtime: runtime.kind },
      },
    );
  }
  if (!state || state.externalDatabase) return;
  throw new CliError('database_unsupported', 'This stack has its own database, which cannot be changed in place', {
    hint: `Create another stack on the external database: agents-llm -p NAME up --database-url-from-env ${databaseUrlFromEnv}`,
  });
}

/** The URL in the variable, else the remembered one. */
export function databaseUrlOf(
  { databaseUrlFromEnv }: DatabaseFlags,
  { context, settings }: Workplace,
  spec: StackSpec,
  before: Secret | undefined,
): Secret | undefined {
  if (!spec.externalDatabase) return undefined;
  if (databaseUrlFromEnv !== undefined) return databaseUrlFrom(context.env, databaseUrlFromEnv);
  if (before) return before;
  throw new CliError('secrets_invalid', `Cannot use ${settings.paths.secrets}: LITELLM_DATABASE_URL is missing`, {
    hint: 'Set it again: agents-llm up --database-url-from-env VAR',
    details: { path: settings.paths.secrets, key: 'LITELLM_DATABASE_URL' },
  });
}

/** Refuses what is only done to the stack's own database; `message` says what that is. */
export function requireOwnDatabase({ externalDatabase }: Partial<StackSpec>, message: string, hint: string): void {
  if (externalDatabase) throw new CliError('database_not_ours', message, { hint });
}

/** The commands that restore an archive into an external database, one a line. */
export function restoreByHand(file: string): string {
  return `agents-llm down
pg_restore --clean --if-exists --no-owner --single-transaction -d "$YOUR_DATABASE_URL" ${file}
agents-llm up`;
}
