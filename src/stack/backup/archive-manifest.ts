import * as z from 'zod/mini';
import type { Fingerprints } from '../../project/fingerprints.ts';
import { jsonAs } from '../../text/json.ts';
import { VARIABLE_NAME } from '../../text/variable-name.ts';
import type { DataCounts } from '../data/data-counts.ts';
import { SAVED_LITELLM, type SavedLitellm } from './saved-litellm.ts';

export type BackupReason = 'backup' | 'down' | 'restore' | 'upgrade';

/** The content of `NAME.json` beside each archive. It contains no secret. */
export interface BackupManifest {
  readonly schemaVersion: 1;
  readonly project: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly reason: BackupReason;
  readonly image: string;
  readonly databaseImage: string;
  /** The version of the PostgreSQL server. */
  readonly postgres: string;
  readonly counts: DataCounts;
  /** Missing if the archive also contains the request log. */
  readonly withoutLogs?: true | undefined;
  readonly bytes: number;
  readonly sha256: string;
  /** The fingerprints of the data's secrets. Provider keys can only be decrypted with the same salt key. */
  readonly fingerprints: Fingerprints;
  /** LiteLLM's own configuration of the stack; missing without one. */
  readonly litellm?: SavedLitellm | undefined;
  /** Names of the variables that the gateway had beside the stack's own; missing if there were none. */
  readonly variables?: readonly string[] | undefined;
}

const hashes = z.array(z.string());

const MANIFEST = z.object({
  schemaVersion: z.literal(1),
  project: z.string(),
  createdAt: z.string(),
  reason: z.enum(['backup', 'down', 'restore', 'upgrade']),
  image: z.string(),
  databaseImage: z.string(),
  postgres: z.string(),
  counts: z.object({ providers: z.number(), aliases: z.number(), keys: z.number(), teams: z.number() }),
  withoutLogs: z.optional(z.literal(true)),
  bytes: z.number(),
  sha256: z.string(),
  fingerprints: z.object({ salt: z.string(), masterKey: hashes, saltKey: hashes, databasePassword: hashes }),
  litellm: z.optional(SAVED_LITELLM),
  variables: z.optional(z.array(z.string().check(z.regex(VARIABLE_NAME)))),
});

/** Undefined if the text is not a manifest, or is one of a later version. */
export function parseManifest(text: string): BackupManifest | undefined {
  return jsonAs(MANIFEST, text);
}
