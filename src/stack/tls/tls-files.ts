import { join } from 'node:path';
import type { Operation, Workplace } from '../../context/invocation.ts';
import { publicUrl, type ReverseProxy, type StackSpec, type TlsSpec } from '../../model/stack-spec.ts';
import { templatesFolder } from '../../package-files.ts';
import { guardWrite } from '../../project/project-folder.ts';
import type { KeyPair } from './certificate.ts';

/** The files of a reverse proxy, by their names in the project's folder `tls`. */
export type TlsFiles = Readonly<Record<string, string>>;

const CONFIGURATION: Readonly<Record<ReverseProxy, string>> = { nginx: 'nginx.conf', traefik: 'traefik.yml' };

/** Makes the configuration out of its template. */
export async function tlsFilesOf(
  { context: { files } }: Pick<Operation, 'context'>,
  spec: StackSpec & { tls: TlsSpec },
  pair: KeyPair,
): Promise<TlsFiles> {
  const name = CONFIGURATION[spec.tls.proxy];
  const template = (await files.read(join(templatesFolder(), 'tls', name))) ?? '';
  const authority = publicUrl(spec).slice('https://'.length);
  return {
    'cert.pem': pair.certificate,
    'key.pem': pair.key,
    [name]: template.replaceAll('@AUTHORITY@', authority),
  };
}

/** Writes only what has changed, and removes the configuration of another reverse proxy. */
export async function writeTlsFiles({ context: { files }, settings }: Workplace, tlsFiles: TlsFiles): Promise<void> {
  const folder = settings.paths.tls;
  if (Object.keys(tlsFiles).length === 0) return;
  await guardWrite(folder, () => files.makeOwnFolder(folder));
  for (const [name, text] of Object.entries(tlsFiles)) {
    const path = join(folder, name);
    if ((await files.read(path)) !== text) await guardWrite(path, () => files.write(path, text, 0o600));
  }
  for (const name of Object.values(CONFIGURATION).filter((other) => !(other in tlsFiles))) {
    await files.remove(join(folder, name));
  }
}
