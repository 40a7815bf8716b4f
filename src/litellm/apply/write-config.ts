import type { Operation, Workplace } from '../../context/invocation.ts';
import { CliError, systemCode } from '../../model/errors.ts';
import { DEFAULT_BIND, DEFAULT_IMAGE, DEFAULT_PORT } from '../../model/stack-spec.ts';
import { readSecrets } from '../../project/secrets.ts';
import { readState } from '../../project/state.ts';
import type { Admin } from '../admin/admin.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import type { ConfigPlace } from '../config/find-config.ts';
import { parseConfig } from '../config/parse-config.ts';
import { renderConfig } from '../config/render-config.ts';
import { schemaReference } from '../config/schema-reference.ts';
import { gatewayOf } from '../trust/config-identity.ts';
import { allowWritten } from '../trust/file-consent.ts';
import { configFromProxy } from './config-from-proxy.ts';
import { readProxy } from './read-proxy.ts';

export interface Written {
  readonly file: string;
  readonly providers: number;
  readonly aliases: number;
  readonly keys: number;
  readonly warnings: readonly string[];
}

/** Writes the file from what LiteLLM has. Only replaces an existing file with `force`. */
export async function writeConfig(
  place: ConfigPlace,
  admin: Admin,
  force: boolean,
  invocation: Operation,
): Promise<Written> {
  const { files } = invocation.context;
  if (!force && (await files.owner(place.path)) !== undefined) throw exists(place);
  const { fields, warnings } = configFromProxy(
    await readProxy(admin, { keys: [] }),
    (text) => invocation.redaction.apply(text) !== text,
  );
  const schema = await schemaReference(place.folder, invocation.context);
  const text = renderConfig({ ...(await stackFields(admin, invocation)), ...fields }, schema.path);
  // Validated before it is written: an invalid file is refused, for example one with a secret in it.
  const config = parseConfig(text, place);
  try {
    if (force) await files.write(place.path, text, 0o644);
    else if (!(await files.create(place.path, text, 0o644))) throw exists(place);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unwritable(place.shown, systemCode(error));
  }
  await allowWritten({ config, place }, gatewayOf(admin), invocation);
  const count = (group: object | null | undefined) => Object.keys(group ?? {}).length;
  return {
    file: place.shown,
    providers: count(fields.providers),
    aliases: count(fields.aliases),
    keys: count(fields.keys),
    warnings,
  };
}

function exists({ shown }: ConfigPlace): CliError {
  return new CliError('confirmation_needed', `${shown} already exists`, {
    hint: 'Replace it: agents-llm apply --from-proxy --force\nOr write another file with --file PATH',
    details: { file: shown },
  });
}

export function unwritable(shown: string, code: string | undefined): CliError {
  return new CliError('state_unwritable', `${shown} cannot be written (${code ?? 'unknown'})`, {
    hint: 'Give yourself write permission there, or name another file with --file PATH',
    details: { path: shown, system: code },
  });
}

/** The settings of the project's own stack that differ from the defaults. */
async function stackFields(
  { client }: Admin,
  { context: { files }, settings: { paths } }: Workplace,
): Promise<ConfigFields> {
  const [state, secrets] =
    client.target.startCommand === null ? [] : await Promise.all([readState(files, paths), readSecrets(files, paths)]);
  if (!state || !secrets) return {};
  return {
    ...(state.port === DEFAULT_PORT ? {} : { port: state.port }),
    ...(state.bind === DEFAULT_BIND ? {} : { bind: state.bind }),
    ...(state.runtime === 'native' || state.image === DEFAULT_IMAGE ? {} : { image: state.image }),
    ...(state.corsOrigins ? { cors_origins: [...state.corsOrigins] } : {}),
    ...(secrets.uiUsername === 'admin' ? {} : { ui: { username: secrets.uiUsername } }),
  };
}
