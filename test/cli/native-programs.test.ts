import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

// The programs that an installation runs, by a real Python.
const PROGRAMS = fileURLToPath(new URL('../../templates/native', import.meta.url));
const PYTHON = '/usr/bin/python3';
const FILE = 'uv-9.9.9-py3-none-any.whl';
const MAKE_WHEEL = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('uv-9.9.9.data/scripts/uv', '#!/bin/sh\\necho uv 9.9.9\\n')`;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let wheel: Buffer;
let sha256: string;
let server: Server | undefined;

beforeAll(() => {
  const made = mkdtempSync(join(tmpdir(), 'agents-llm-wheel-'));
  execFileSync(PYTHON, ['-c', MAKE_WHEEL, join(made, FILE)]);
  wheel = readFileSync(join(made, FILE));
  sha256 = createHash('sha256').update(wheel).digest('hex');
  rmSync(made, { recursive: true });
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agents-llm-programs-'));
  writeFileSync(join(folder, 'roots.pem'), rootCertificates.join('\n'));
});

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(PYTHON, ['-I', join(PROGRAMS, program), ...args], { env: { HOME: folder, ...env } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout: out, stderr: err });
    });
  });
}

async function startIndex(answer: Answer): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
}

const page =
  (type: string, text: string): Answer =>
  (request, response) => {
    const isPage = request.url === '/simple/uv/';
    response.setHeader('content-type', isPage ? type : 'application/octet-stream');
    response.end(isPage ? text : wheel);
  };
const HTML = page(
  'text/html',
  `<!DOCTYPE html><a href="../../files/other.whl">x</a><a href="/files/${FILE}#sha256=1">x</a>`,
);
const JSON_PAGE = page(
  'application/vnd.pypi.simple.v1+json',
  JSON.stringify({ files: [{ url: `../../files/${FILE}` }] }),
);

const getUv = (env: NodeJS.ProcessEnv, hash = sha256) =>
  run('get_uv.py', [FILE, hash, folder, join(folder, 'roots.pem')], env);
const uv = () => join(folder, 'uv');

describe('get_uv.py', () => {
  it.each([
    ['an HTML page', HTML],
    ['a JSON page', JSON_PAGE],
  ])('unpacks the program of a wheel that %s names', async (_, answer) => {
    const done = await getUv({ UV_DEFAULT_INDEX: await startIndex(answer) });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/^0\.0 of 0\.0 MB$/m);
    expect(execFileSync(uv(), { encoding: 'utf8' })).toBe('uv 9.9.9\n');
    expect(statSync(uv()).mode & 0o777).toBe(0o755);
  });

  it('unpacks it from a folder that pip is configured to use, without an index', async () => {
    const links = join(folder, 'links');
    mkdirSync(links);
    writeFileSync(join(links, FILE), wheel);
    expect((await getUv({ UV_FIND_LINKS: links, UV_NO_INDEX: '1' })).code).toBe(0);
    expect(existsSync(uv())).toBe(true);
  });

  it('searches an extra index and logs in with the credentials of its address', async () => {
    const seen: (string | undefined)[] = [];
    const url = await startIndex((request, response) => {
      if (request.url?.startsWith('/none/')) {
        response.statusCode = 404;
        response.end();
        return;
      }
      seen.push(request.headers.authorization);
      HTML(request, response);
    });
    const withLogin = url.replace('127.', 'me:s%40cret@127.');
    const done = await getUv({ UV_DEFAULT_INDEX: url.replace('simple', 'none'), UV_INDEX: withLogin });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(seen).toEqual(Array(2).fill(`Basic ${Buffer.from('me:s@cret').toString('base64')}`));
  });

  it.each([
    [
      'has other packages alone',
      page('text/html', '<a href="/uv-1.0.0.whl">x</a>'),
      `the package index has no ${FILE}`,
    ],
    [
      'does not know uv',
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(404).end(),
      'the package index answers 404',
    ],
    [
      'wants a login',
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(401).end(),
      'the package index answers 401',
    ],
    [
      'answers nonsense',
      page('application/json', 'no JSON'),
      'the package index gives an answer that cannot be read: JSONDecodeError',
    ],
  ] as const)('reports that uv is not available when the index %s', async (_, answer, why) => {
    const done = await getUv({ UV_DEFAULT_INDEX: await startIndex(answer) });
    expect(done).toEqual({ code: 3, stdout: `${why}\n`, stderr: '' });
    expect(existsSync(uv())).toBe(false);
  });

  it('refuses a wheel with another hash and unpacks nothing from it', async () => {
    const done = await getUv({ UV_DEFAULT_INDEX: await startIndex(HTML) }, '0'.repeat(64));
    expect(done).toMatchObject({ code: 1, stderr: `error: hash mismatch for ${FILE}\n` });
    expect(existsSync(uv())).toBe(false);
  });

  it('retries when the connection ends early and finally gives up', async () => {
    let asked = 0;
    const cut: Answer = (request, response) => {
      if (request.url === '/simple/uv/') return HTML(request, response);
      asked += 1;
      response.writeHead(200, { 'content-length': wheel.length });
      response.write(wheel.subarray(0, 10));
      setTimeout(() => response.destroy(), 50);
    };
    const done = await getUv({ UV_DEFAULT_INDEX: await startIndex(cut) });
    expect([done.code, asked]).toEqual([1, 3]);
    expect(done.stderr).toMatch(/^error: Failed to fetch uv-9\.9\.9/);
  }, 20_000);

  it('reports that the index cannot be reached', async () => {
    const done = await getUv({ UV_DEFAULT_INDEX: 'http://127.0.0.1:1/simple' });
    expect(done.code).toBe(1);
    expect(done.stderr).toMatch(/^error: Failed to fetch uv-9\.9\.9.*Connection refused/);
  }, 20_000);
});

describe('pip_settings.py', () => {
  const settings = async (env: NodeJS.ProcessEnv = {}) => JSON.parse((await run('pip_settings.py', [], env)).stdout);
  const config = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };

  it("reads the user's files, install before global, and variables before both", async () => {
    config(
      '.config/pip/pip.conf',
      '[global]\nindex_url = http://a\ncert = /ca.pem\n[install]\nindex-url = http://b\n[list]\nformat = json\n',
    );
    expect(await settings()).toMatchObject({ 'index-url': 'http://b', cert: '/ca.pem' });
    expect(await settings({ PIP_INDEX_URL: 'http://c' })).toMatchObject({ 'index-url': 'http://c' });
  });

  it.each([
    ['an own file', 'own.conf', { PIP_CONFIG_FILE: 'own.conf' }],
    ['a folder of XDG', 'xdg/pip/pip.conf', { XDG_CONFIG_HOME: 'xdg' }],
    ['one for the whole system', 'sys/pip/pip.conf', { XDG_CONFIG_DIRS: 'sys' }],
    ['the oldest place', '.pip/pip.conf', {}],
  ])('finds %s', async (_, path, env) => {
    config(path, '[global]\nindex-url = http://x\n');
    const absolute = Object.entries(env).map(([name, value]) => [name, join(folder, value)]);
    expect(await settings(Object.fromEntries(absolute))).toMatchObject({ 'index-url': 'http://x' });
  });

  it('reads no file when the user disables it and ignores a damaged one', async () => {
    config('.config/pip/pip.conf', '[global]\nindex-url = http://a\n');
    expect(await settings({ PIP_CONFIG_FILE: '/dev/null' })).not.toHaveProperty('index-url');
    config('.config/pip/pip.conf', 'no section\n');
    expect(await settings()).not.toHaveProperty('index-url');
  });
});

describe('compile_packages.py', () => {
  it('compiles the listed folders, one package or all others, and skips invalid files', async () => {
    for (const path of ['a/x.py', 'a/deep/y.py', 'prisma/client.py', 'prisma/types.py', 'other/z.py']) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), 'x = 1\n');
    }
    writeFileSync(join(folder, 'a/bad.py'), 'print "2"\n');
    const list = join(folder, 'list.txt');
    writeFileSync(list, '# A comment.\na\nprisma\ngone\n');
    const compiled = () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .flatMap((path) => /^(.*)\/__pycache__\/(\w+)\..*pyc$/.exec(path)?.slice(1).join('/') ?? [])
        .sort();
    expect(await run('compile_packages.py', [folder, list, '-prisma'])).toMatchObject({ code: 0, stderr: '' });
    expect(compiled()).toEqual(['a/x']);
    expect(await run('compile_packages.py', [folder, list, 'prisma'])).toMatchObject({ code: 0, stderr: '' });
    expect(compiled()).toEqual(['a/x', 'prisma/client', 'prisma/types']);
  });
});
