import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { selfSigned } from '../../../src/stack/tls/self-signed.ts';

/** Writes a new certificate of that host with its key, and returns its SHA-256 fingerprint. */
export async function renewCertificate(
  host: string,
  files: { readonly cert: string; readonly key: string },
): Promise<string> {
  const { certificate, key } = await selfSigned(host, Date.now(), crypto.getRandomValues(new Uint8Array(16)));
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return new X509Certificate(certificate).fingerprint256;
}
