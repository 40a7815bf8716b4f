import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import type { Workplace } from '../../context/invocation.ts';
import type { Files } from '../../io/files/files.ts';
import { Secret } from '../../model/secret.ts';
import { jsonAs } from '../../text/json.ts';
import { keyHash } from '../admin/keys.ts';

/** The saved virtual keys, which can be returned again. LiteLLM itself only stores hashes. */
export interface KeptKeys {
  read(alias: string): Promise<Secret | undefined>;
  write(alias: string, key: Secret): Promise<void>;
  remove(alias: string): Promise<void>;
}

/** Virtual keys saved in files, which can be listed. */
export interface KeptKeyFiles extends KeptKeys {
  /** The saved keys for this LiteLLM; `hash` is LiteLLM's id for the key. */
  list(): Promise<readonly { readonly alias: string; readonly key: Secret; readonly hash: string }[]>;
}

const KEPT = z.object({ schemaVersion: z.literal(1), alias: z.string(), url: z.string(), key: z.string() });

/** The LiteLLM that the keys are for; `own` if it is the local stack. */
export interface KeyPlace {
  readonly url: string;
  readonly own: boolean;
}

/** The lock file that a process holds while it creates or changes the key of an alias. */
export function keyLockPath(folder: string, target: KeyPlace): (alias: string) => string {
  return (alias) => join(folderOf(folder, target), `${fileName(alias)}.lock`);
}

const folderOf = (folder: string, { url, own }: KeyPlace) => (own ? folder : join(folder, fileName(url)));

/** Files of mode 0600 in `folder`, with a subfolder for each LiteLLM other than the local stack. */
export function keptKeys(files: Files, folder: string, target: KeyPlace): KeptKeyFiles {
  const inside = folderOf(folder, target);
  const pathOf = (alias: string) => join(inside, `${fileName(alias)}.json`);
  return {
    async read(alias) {
      await files.requireOwnFolder(folder);
      const text = await files.read(pathOf(alias));
      const kept = text === undefined ? undefined : parse(text);
      return kept?.alias === alias && (target.own || kept.url === target.url) ? new Secret(kept.key) : undefined;
    },
    async list() {
      await files.requireOwnFolder(folder);
      const names = (await files.list(inside)).filter((name) => name.endsWith('.json'));
      const texts = await Promise.all(names.map((name) => files.read(join(inside, name))));
      return texts.flatMap((text) => {
        const kept = text === undefined ? undefined : parse(text);
        if (!kept) return [];
        const key = new Secret(kept.key);
        return [{ alias: kept.alias, key, hash: keyHash(key) }];
      });
    },
    async write(alias, key) {
      const path = pathOf(alias);
      await files.makeOwnFolder(dirname(path));
      const kept = { schemaVersion: 1, alias, url: target.url, key: key.reveal() };
      await files.write(path, `${JSON.stringify(kept, null, 2)}\n`, 0o600);
    },
    remove: (alias) => files.remove(pathOf(alias)),
  };
}

/** Safe on every file system: long and unusual names are hashed. */
function fileName(text: string): string {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text)
    ? text
    : `x-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** A damaged file counts as missing, and the next step explains that the key is lost. */
const parse = (text: string) => jsonAs(KEPT, text);

/** The saved virtual keys for the project's own stack. `url` is the address of its HTTP port. */
export function ownKeptKeys({ context, settings }: Workplace, url: string): KeptKeyFiles {
  return keptKeys(context.files, settings.paths.keys, { url, own: true });
}
