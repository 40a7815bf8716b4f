import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { dockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import type { EngineClient } from '../../../../src/runtime/docker/engine/engine-client.ts';
import { imagesOf } from '../../../../src/runtime/docker/images-of.ts';
import { layerCount, prepareImages } from '../../../../src/runtime/docker/prepare-images.ts';
import type { PullPolicy } from '../../../../src/runtime/runtime.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { type FakeCommand, fakeRunner } from '../../../support/fake-runner.ts';

const spec = { project: 'agents-llm', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const busy = { exitCode: 1, stderr: 'Error response from daemon: toomanyrequests: slow down\n' };

function setUp(present: readonly string[], table: readonly FakeCommand[]) {
  const told: string[] = [];
  const runner = fakeRunner(table);
  const clock = fakeClock();
  const signal = new AbortController().signal;
  const imageDigest = async (image: string) => (present.includes(image) ? 'sha256:x' : undefined);
  const engine = { imageDigest } as EngineClient;
  const progress = {
    phase: (text: string) => told.push(`phase ${text}`),
    detail: (text: string) => told.push(text),
    note: (text: string) => told.push(`note ${text}`),
    pause: () => () => undefined,
    end: () => undefined,
  };
  const docker = dockerCli({ runner, env: {}, signal });
  const address = { endpoint: 'unix:///x.sock', platform: 'linux' } as const;
  const prepare = (policy: PullPolicy) =>
    prepareImages(spec, policy, { ...address, docker, engine, clock, signal, progress });
  return { told, runner, clock, prepare };
}

test('downloads missing images, with one phase for each', async () => {
  const stdout = [
    '1: Pulling from l',
    '2bf6a5dd28df: Pulling fs layer',
    '3cf6a5dd28df: Already exists',
    '2bf6a5dd28df: Download complete',
    '2bf6a5dd28df: Pull complete',
    'Digest: sha256:0123',
    'Status: Downloaded newer image for l:1',
  ].join('\n');
  const { told, runner, prepare } = setUp(['p:1'], [{ line: 'docker pull l:1', result: { stdout } }]);
  await prepare('missing');
  expect(told).toEqual(['phase Downloading l:1', '0/1 layers', '1/2 layers', '2/2 layers']);
  runner.assertDone();
});

test.each(['missing', 'never'] as const)('downloads nothing when all images exist: %s', async (policy) => {
  const { told, runner, prepare } = setUp(['p:1', 'l:1'], []);
  await prepare(policy);
  expect(told).toEqual([]);
  runner.assertDone();
});

test('always downloads both, the database first', async () => {
  const { runner, prepare } = setUp(['p:1', 'l:1'], [{ line: 'docker pull p:1' }, { line: 'docker pull l:1' }]);
  await prepare('always');
  expect(runner.calls.map(({ line }) => line)).toEqual(['docker pull p:1', 'docker pull l:1']);
  runner.assertDone();
});

test('downloads an image once that both services use', () => {
  expect(imagesOf({ ...spec, image: 'x', databaseImage: 'x' })).toEqual(['x']);
});

test('reports a missing image that must not be downloaded', async () => {
  const { prepare } = setUp(['p:1'], []);
  await expect(prepare('never')).rejects.toMatchObject({
    code: 'image_missing',
    exitCode: EXIT.prerequisite,
    message: 'Image l:1 is not on this machine, but --pull never forbids downloading it',
    hint: 'Download it: docker pull l:1\nOr run the same command with --pull missing',
    details: { image: 'l:1' },
  });
});

test('tries again after 2 s and 6 s when the registry is busy', async () => {
  const line = 'docker pull l:1';
  const { clock, told, runner, prepare } = setUp(['p:1'], [{ line, result: busy }, { line, result: busy }, { line }]);
  await prepare('missing');
  expect(clock.sleeps).toEqual([2000, 6000]);
  expect(told).toEqual(['phase Downloading l:1', 'registry busy, retrying in 2 s', 'registry busy, retrying in 6 s']);
  runner.assertDone();
});

test('gives up after the third attempt', async () => {
  const line = 'docker pull l:1';
  const { clock, runner, prepare } = setUp(
    ['p:1'],
    [1, 2, 3].map(() => ({ line, result: busy })),
  );
  await expect(prepare('missing')).rejects.toMatchObject({
    code: 'registry_unreachable',
    exitCode: EXIT.prerequisite,
    retryable: true,
    hint: 'Log in for a higher limit: docker login',
  });
  expect(clock.sleeps).toEqual([2000, 6000]);
  runner.assertDone();
});

test('does not try again when the image does not exist', async () => {
  const stderr = 'Error response from daemon: manifest unknown';
  const { clock, prepare } = setUp(['p:1'], [{ line: 'docker pull l:1', result: { exitCode: 1, stderr } }]);
  await expect(prepare('missing')).rejects.toMatchObject({ code: 'image_not_found', exitCode: EXIT.prerequisite });
  expect(clock.sleeps).toEqual([]);
});

test('counts each layer once, and reports only changes', () => {
  const count = layerCount();
  expect(count('2bf6a5dd28df: Pulling fs layer')).toBe('0/1 layers');
  expect(count('2bf6a5dd28df: Waiting')).toBeUndefined();
  expect(count('2bf6a5dd28df: Pull complete')).toBe('1/1 layers');
  expect(count('Status: Image is up to date')).toBeUndefined();
  expect(count('0123456789ab: Pulling from library/x')).toBeUndefined();
});
