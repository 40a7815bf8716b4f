import { isIPv4 } from 'node:net';
import { basename } from 'node:path';
import * as z from 'zod/mini';
import type { Files } from '../io/files/files.ts';
import { CliError } from '../model/errors.ts';
import { LEAST_MEMORY } from '../model/memory-limit.ts';
import type { ProjectPaths } from '../model/paths.ts';
import { isSafeValue } from '../model/secret.ts';
import { RUNTIMES, type RuntimeKind } from '../model/service.ts';
import { REVERSE_PROXIES, type StackSpec } from '../model/stack-spec.ts';
import { originOf } from '../model/web-origins.ts';
import { isRecord, jsonValue } from '../text/json.ts';
import type { Fingerprints } from './fingerprints.ts';
import { guardWrite, readStateFile } from './project-folder.ts';

/** The state of a stack between commands: what it was started as, and what is known of its data. Contains no secrets. */
export interface StackState extends StackSpec {
  readonly schemaVersion: 1;
  readonly runtime: RuntimeKind;
  /** The engine that has the containers and the volume. */
  readonly engine: { readonly endpoint: string; readonly id: string };
  readonly createdAt: string;
  /** Fingerprints of the secrets that the data was created with; missing until the first `up` of a version that supports them. */
  readonly fingerprints?: Fingerprints | undefined;
  /** The identity of the data; missing until the stack has been ready once. */
  readonly data?: DataIdentity | undefined;
  /** The digest of each image at its first pull, by its reference. */
  readonly digests?: Readonly<Record<string, string>> | undefined;
  /** Whether the retention of the request log is decided; missing until the first start with a version that sets it. */
  readonly logRetentionSettled?: true | undefined;
  /** How to roll back an upgrade that has not finished. */
  readonly upgrading?: RollbackPlan | undefined;
}

export interface RollbackPlan {
  /** The previous image. */
  readonly from: string;
  /** The backup from before the upgrade; null if none was made. */
  readonly backup: string | null;
}

export interface DataIdentity {
  /** Also written into the database. */
  readonly id: string;
  /** `EXTERNAL_DATABASE` for an external database. */
  readonly volume: string;
}

type Paths = Pick<ProjectPaths, 'folder' | 'state'>;
type Fields = Readonly<Record<string, unknown>>;

const textThat = (isRight: (text: string) => boolean, rule: string) =>
  z.string(rule).check(z.refine(isRight, { error: rule }));
const isPort = (port: unknown) => Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535;
const hashes = z.array(z.string('must be text'), 'must be a list of hashes');
const port = z.number('must be a number from 1 to 65535').check(z.refine(isPort, 'must be a number from 1 to 65535'));
const bind = textThat(isIPv4, 'must be an IPv4 address');
const time = textThat((text) => !Number.isNaN(Date.parse(text)), 'must be a time such as 2026-01-31T12:00:00Z');
const text = z.string('must be text');
const image = textThat(isSafeValue, 'must be the name of an image');

const STATE = z.object({
  schemaVersion: z.literal(1, 'must be 1'),
  runtime: z.enum(RUNTIMES, `must be one of ${RUNTIMES.join(', ')}`),
  project: z.string('must be the name of the project'),
  bind,
  port,
  image,
  databaseImage: image,
  engine: z.object(
    { endpoint: z.string('must be text'), id: z.string('must be text') },
    'must be an object with endpoint and id',
  ),
  fingerprints: z.optional(
    z.object(
      { salt: z.string('must be text'), masterKey: hashes, saltKey: hashes, databasePassword: hashes },
      'must be an object with hashes',
    ),
  ),
  data: z.optional(
    z.object(
      {
        id: z.string('must be text'),
        volume: z.string('must be text'),
      },
      'must be an object with id and volume',
    ),
  ),
  digests: z.optional(z.record(z.string(), z.string('must be text'), 'must be an object with digests')),
  upgrading: z.optional(
    z.object({ from: image, backup: z.nullable(z.string('must be text')) }, 'must be an object with from and backup'),
  ),
  tls: z.optional(
    z.object(
      {
        proxy: z.enum(REVERSE_PROXIES, `must be one of ${REVERSE_PROXIES.join(', ')}`),
        host: textThat(isSafeValue, 'must be the name of a host'),
        bind,
        httpsPort: port,
        httpPort: port,
        image,
        fingerprint: text,
        revision: textThat(isSafeValue, 'must be a revision'),
        source: z.optional(z.object({ certificate: text, key: text }, 'must be an object with certificate and key')),
        expires: time,
      },
      'must be an object that describes the reverse proxy',
    ),
  ),
  externalDatabase: z.optional(z.literal(true, 'must be true')),
  corsOrigins: z.optional(
    z.array(
      textThat((origin) => originOf(origin) === origin, 'must be an origin'),
      'must be a list of origins',
    ),
  ),
  fastStart: z.optional(z.literal(false, 'must be false')),
  memory: z.optional(
    z.int('must be a number of bytes').check(z.minimum(LEAST_MEMORY, `must be at least ${LEAST_MEMORY}`)),
  ),
  litellm: z.optional(
    z.object(
      { hash: text, source: text, origin: z.enum(['yaml', 'flag'], 'must be yaml or flag') },
      "must be an object that describes LiteLLM's own configuration",
    ),
  ),
  logRetentionSettled: z.optional(z.literal(true, 'must be true')),
  createdAt: time,
});

/** The saved state, or undefined before the first `up`. */
export async function readState(files: Pick<Files, 'read'>, paths: Paths): Promise<StackState | undefined> {
  return (await readBoth(files, paths))?.state;
}

/** Keeps fields that this version does not know. Refuses to replace a file that it cannot read. */
export async function writeState(files: Pick<Files, 'read' | 'write'>, paths: Paths, state: StackState): Promise<void> {
  const before = await readBoth(files, paths);
  const engine = { ...(before?.fields.engine as Fields | undefined), ...state.engine };
  const written = `${JSON.stringify({ ...before?.fields, ...state, engine }, null, 2)}\n`;
  if (written !== before?.text) await guardWrite(paths.state, () => files.write(paths.state, written, 0o600));
}

async function readBoth(files: Pick<Files, 'read'>, paths: Paths) {
  const text = await readStateFile(files, paths.state, 'state_invalid');
  if (text === undefined) return undefined;
  const fields = parseFields(text, paths);
  const version = fields.schemaVersion;
  if (typeof version === 'number' && version > 1) {
    throw invalid(
      paths,
      `a newer version of agents-llm wrote it (schemaVersion ${version}, but this version supports 1)`,
      {
        field: 'schemaVersion',
        hint: 'Update agents-llm (nothing was overwritten): npx agents-llm@latest status',
      },
    );
  }
  const { data: state, error } = z.safeParse(STATE, fields);
  const issue = error?.issues[0];
  if (!state) {
    const field = issue?.path.join('.') ?? '';
    throw invalid(paths, `${field} ${issue?.message}`, { field });
  }
  const project = basename(paths.folder);
  if (state.project !== project) {
    throw invalid(paths, `project is "${state.project}", but its folder belongs to "${project}"`, { field: 'project' });
  }
  return { text, fields, state };
}

function parseFields(text: string, paths: Paths): Fields {
  const value = jsonValue(text);
  if (value === undefined)
    throw invalid(paths, text.trim() === '' ? 'it is empty' : 'it is incomplete or not JSON', {});
  if (isRecord(value)) return value;
  throw invalid(paths, 'it is not a JSON object', {});
}

function invalid(paths: Paths, problem: string, detail: { field?: string; hint?: string; cause?: unknown }): CliError {
  const { field, cause } = detail;
  return new CliError('state_invalid', `${paths.state} cannot be used: ${problem}`, {
    hint:
      detail.hint ??
      `Correct the file (nothing was overwritten)
Or move it, and it is created again from flags and defaults (the data stays in its volume): mv ${paths.state} ${paths.state}.broken && agents-llm up`,
    details: { path: paths.state, ...(field === undefined ? {} : { field }) },
    cause,
  });
}
