import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { isPassing, pullError } from '../../../../src/runtime/docker/pull-error.ts';

const result = (stderr: string) => ({ outcome: 'exited', exitCode: 1, stdout: '', stderr }) as const;
const classify = (stderr: string, image = 'r.example/l:1') =>
  pullError(result(stderr), { image, endpoint: 'unix:///x.sock', platform: 'linux' });
const daemon = 'Error response from daemon: ';

const never = 'Try again later\nOr use an image that is on this machine: agents-llm up --pull never';
const login = 'Check the name, or log in: docker login r.example';
const trust = `Make the Docker engine trust the certificate authority of your network; up --ca is for the gateway alone
${never.split('\n')[1]}`;
const other = 'Name another image: agents-llm up --image IMAGE';

test.each([
  ['manifest for r.example/l:1 not found: manifest unknown: manifest unknown', 'image_not_found', other, false],
  ['manifest unknown', 'image_not_found', other, false],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'image_not_found', other, false],
  ['unauthorized', 'image_refused', login, false],
  ["pull access denied for l, repository does not exist or may require 'docker login'", 'image_refused', login, false],
  [
    'Get "https://r.example/v2/": dial tcp: lookup r.example on 10.0.0.1:53: no such host',
    'registry_unreachable',
    never,
    false,
  ],
  [
    'Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused',
    'registry_unreachable',
    never,
    false,
  ],
  [
    'Get "https://r.example/v2/": dial tcp 10.0.0.2:443: connect: no route to host',
    'registry_unreachable',
    never,
    false,
  ],
  ['Get "https://r.example/v2/": x509: certificate signed by unknown authority', 'registry_unreachable', trust, false],
  ['Get "https://r.example/v2/": net/http: TLS handshake timeout', 'registry_unreachable', never, true],
  ['Get "https://r.example/v2/": context deadline exceeded', 'registry_unreachable', never, true],
  ['received unexpected HTTP status: 503 Service Unavailable', 'registry_unreachable', never, true],
  [
    'toomanyrequests: You have reached your pull rate limit',
    'registry_unreachable',
    'Log in for a higher limit: docker login r.example',
    true,
  ],
  ['something new', 'registry_unreachable', 'See the full output: docker pull r.example/l:1', false],
] as const)('classifies "%s"', (text, code, hint, passing) => {
  const stderr = `${daemon}${text}\n`;
  expect(classify(stderr)).toMatchObject({
    code,
    hint,
    exitCode: EXIT.prerequisite,
    message: expect.stringContaining(text),
    details: { image: 'r.example/l:1', reason: `${daemon}${text}` },
  });
  expect(isPassing(result(stderr))).toBe(passing);
});

test('reports a full disk', () => {
  expect(classify('failed to register layer: write /x: no space left on device')).toMatchObject({
    code: 'unexpected',
    exitCode: EXIT.failed,
    hint: 'See what uses it: docker system df',
  });
});

test('reports an engine that is down', () => {
  expect(classify('Cannot connect to the Docker daemon at unix:///x.sock.')).toMatchObject({
    code: 'engine_unreachable',
    exitCode: EXIT.prerequisite,
    hint: 'Start it: sudo systemctl start docker',
  });
});

test.each([
  ['postgres:16', 'docker login'],
  ['library/postgres:16', 'docker login'],
  ['localhost/l:1', 'docker login localhost'],
  ['localhost:5000/l:1', 'docker login localhost:5000'],
])('names the registry that needs a login for %s', (image, expected) => {
  expect(classify('unauthorized', image).hint).toBe(`Check the name, or log in: ${expected}`);
});
