import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PackageIndex {
  /** For PIP_INDEX_URL. */
  readonly url: string;
  close(): Promise<void>;
}

const FILE = 'tiny-1.0-py3-none-any.whl';

/** Python's, since Node writes no archives; its bytes go to stdout. */
const MAKE = `import io, sys, zipfile
buffer = io.BytesIO()
info = 'tiny-1.0.dist-info/'
with zipfile.ZipFile(buffer, 'w') as wheel:
    wheel.writestr('tiny.py', 'x = 1\\n')
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', 'tiny.py,,\\n' + info + 'METADATA,,\\n' + info + 'WHEEL,,\\n' + info + 'RECORD,,\\n')
sys.stdout.buffer.write(buffer.getvalue())`;

/** A package index with one package, tiny 1.0. */
export async function startPackageIndex(): Promise<PackageIndex> {
  const bytes = execFileSync('python3', ['-c', MAKE]);
  const server = createServer((request, response) => {
    const isFile = request.url?.endsWith('.whl');
    response.setHeader('content-type', isFile ? 'application/octet-stream' : 'text/html');
    response.end(isFile ? bytes : `<!DOCTYPE html><html><body><a href="/${FILE}">${FILE}</a></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
