import { expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import {
  composeError,
  isAmbiguousNetwork,
  unfinishedContainer,
} from '../../../../../src/runtime/docker/compose/compose-error.ts';

const spec = { project: 'shop', bind: '127.0.0.1', port: 4471, image: 'l:1', databaseImage: 'p:1' };
const secrets =
  "POSTGRES_PASSWORD=pgsecret1\nLITELLM_MASTER_KEY=\"sk-half\nUI_PASSWORD='quoted-one'\nUI_USERNAME=admin\n";
const result = (stderr: string) => ({ outcome: 'exited', exitCode: 1, stdout: '', stderr }) as const;
const failure = {
  action: 'up',
  project: 'shop',
  spec,
  secrets,
  endpoint: 'unix:///x.sock',
  platform: 'linux',
} as const;
const daemon = 'Error response from daemon: ';
const driver = `${daemon}driver failed programming external connectivity on endpoint shop-litellm-1 (7342): `;

const portTaken = {
  code: 'port_taken',
  exitCode: EXIT.port,
  message: 'Port 4471 on 127.0.0.1 is already in use',
  hint: 'Stop the program that uses it\nOr use another port: agents-llm up --port 4472',
  details: { bind: '127.0.0.1', port: 4471 },
};

test.each([
  [`${driver}Error starting userland proxy: listen tcp4 127.0.0.1:4471: bind: address already in use`],
  [`${driver}Bind for 127.0.0.1:4471 failed: port is already allocated`],
  [
    `${daemon}failed to set up container networking: failed to bind host port for 127.0.0.1:4471: address already in use`,
  ],
  [`${daemon}Ports are not available: exposing port TCP 127.0.0.1:4471 -> 0.0.0.0:0: listen tcp`],
  ['An attempt was made to access a socket in a way forbidden by its access permissions.'],
])('recognises a port that is in use: "%s"', (stderr) => {
  expect(composeError(result(stderr), failure)).toMatchObject(portTaken);
});

test.each([
  [
    'Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?',
    { code: 'engine_unreachable', exitCode: EXIT.prerequisite, hint: 'Start it: sudo systemctl start docker' },
  ],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///x.sock',
    { code: 'engine_permission', exitCode: EXIT.prerequisite, hint: expect.stringContaining('sudo usermod') },
  ],
  [
    `${daemon}no such image: dcfacts-nosuch:1: No such image: dcfacts-nosuch:1`,
    {
      code: 'image_missing',
      exitCode: EXIT.prerequisite,
      message: 'Image dcfacts-nosuch:1 not found on this machine',
      hint: 'Download it: agents-llm up --pull missing',
    },
  ],
  [
    `${daemon}No such image: dcfacts-nosuch:1`,
    { code: 'image_missing', message: 'Image dcfacts-nosuch:1 not found on this machine' },
  ],
  [
    'dependency failed to start: container shop-litellm-db-1 is unhealthy',
    {
      code: 'service_failed',
      exitCode: EXIT.notReady,
      message: 'The database did not start: container shop-litellm-db-1 is unhealthy',
      hint: 'See its log: agents-llm logs litellm-db',
    },
  ],
  [
    'dependency failed to start: container shop-litellm-db-1 exited (1)',
    { code: 'service_failed', message: 'The database did not start: container shop-litellm-db-1 exited (1)' },
  ],
  [
    `${daemon}Conflict. The container name "/shop-litellm-1" is already in use by container "8974".`,
    {
      code: 'compose_failed',
      exitCode: EXIT.notReady,
      message: 'The container name shop-litellm-1 is already in use',
      hint: 'If you do not need that container, remove it: docker rm -f shop-litellm-1',
    },
  ],
  [
    `${daemon}write /var/lib/docker/x: no space left on device`,
    {
      code: 'compose_failed',
      exitCode: EXIT.notReady,
      message: 'The Docker engine has no disk space left',
      hint: 'See what uses it: docker system df',
    },
  ],
  [
    ' Network shop_default  Creating\nsomething new went wrong\n',
    {
      code: 'compose_failed',
      exitCode: EXIT.notReady,
      message: 'docker compose up failed: something new went wrong',
      hint: 'See what the services logged: agents-llm logs',
      details: { exitCode: 1, stderr: ['Network shop_default  Creating', 'something new went wrong'] },
    },
  ],
  ['', { code: 'compose_failed', message: 'docker compose up failed: exit code 1' }],
])('classifies "%s"', (stderr, expected) => {
  expect(composeError(result(stderr), failure)).toMatchObject(expected);
});

test('names the file and line that Compose cannot read, without its text', () => {
  const stderr = "failed to read /d/.env: line 2: unterminated quoted value \"sk-half\nUI_PASSWORD='quoted-one'\n";
  const error = composeError(result(stderr), failure);
  expect(error).toMatchObject({
    code: 'secrets_invalid',
    exitCode: EXIT.data,
    message: 'Compose cannot read /d/.env: there is an error at or before line 2',
    hint: 'Write each line as NAME=value, using only letters, digits and _.:/@+=-',
    details: { file: '/d/.env', line: 2 },
  });
});

test('shows no value of the file with the secrets', () => {
  const error = composeError(result('odd: pgsecret1 "sk-half quoted-one admin'), failure);
  const shown = JSON.stringify([error.message, error.hint, error.details]);
  expect(shown).not.toMatch(/pgsecret1|sk-half|quoted-one/);
  expect(shown).toContain('admin');
});

test('keeps only the last lines', () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const { details } = composeError(result(lines.join('\n')), failure);
  expect(details.stderr).toEqual(lines.slice(-20));
});

test('recognises two networks of one name', () => {
  const stderr = `${daemon}network shop_default is ambiguous (2 matches found on name)`;
  expect(isAmbiguousNetwork(result(stderr))).toBe(true);
  expect(isAmbiguousNetwork({ ...result(stderr), exitCode: 0 })).toBe(false);
  expect(isAmbiguousNetwork(result('other'))).toBe(false);
});

test.each([
  ['/0123456789ab_shop-litellm-1', '0123456789ab_shop-litellm-1'],
  ['/0123456789ab_other-litellm-1', undefined],
  ['/shop-litellm-1', undefined],
])('finds for the name %s the half-created container %s', (name, container) => {
  const stderr = `Error response from daemon: Conflict. The container name "${name}" is already in use by container "f"`;
  expect(unfinishedContainer(result(stderr), 'shop')).toBe(container);
  expect(unfinishedContainer({ ...result(stderr), exitCode: 0 }, 'shop')).toBeUndefined();
});
