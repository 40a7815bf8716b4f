import { expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { engineTrouble } from '../../../../../src/runtime/docker/engine/engine-error.ts';

const address = { endpoint: 'unix:///var/run/docker.sock', platform: 'linux' } as const;
const start = 'Start it: sudo systemctl start docker';

test.each([
  [
    'Cannot connect to the Docker daemon at unix:///run/nosuch.sock. Is the docker daemon running?',
    'engine_unreachable',
    start,
  ],
  ["unable to get image 'x': Cannot connect to the Docker daemon at unix:///x.sock.", 'engine_unreachable', start],
  ['error during connect: Get "http://%2F%2F.%2Fpipe": open //./pipe: file not found', 'engine_unreachable', start],
  [
    'permission denied while trying to connect to the Docker daemon socket: dial unix: connect: permission denied',
    'engine_permission',
    /sudo usermod -aG docker \$USER$/,
  ],
  ['client version 1.42 is too old. Minimum supported API version is 1.44', 'engine_unsupported', /^Update Docker/],
])('recognises an engine error: "%s"', (stderr, code, hint) => {
  const error = engineTrouble(stderr, address);
  expect(error).toMatchObject({ code, exitCode: EXIT.prerequisite });
  expect(error?.hint).toMatch(hint);
});

test('ignores other errors', () => {
  expect(engineTrouble('Error response from daemon: No such container: x', address)).toBeUndefined();
});
