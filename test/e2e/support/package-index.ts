import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PackageIndex {
  /** For PIP_INDEX_URL. */
  readonly url: string;
  readonly sha256: string;
  /** The line of a lock file for its one package. */
  locked(sha256: string): string;
  close(): Promise<void>;
}

const FILE = 'tiny-1.0-py3-none-any.whl';

/** A package index with one package, whose bytes are never looked into when its hash does not match. */
export async function startPackageIndex(): Promise<PackageIndex> {
  const bytes = Buffer.from('no wheel');
  const server = createServer((request, response) => {
    const isFile = request.url?.endsWith('.whl');
    response.setHeader('content-type', isFile ? 'application/octet-stream' : 'text/html');
    response.end(isFile ? bytes : `<!DOCTYPE html><html><body><a href="/${FILE}">${FILE}</a></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    locked: (sha256) => `tiny==1.0 --hash=sha256:${sha256}\n`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
