import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { causeOfRestart } from '../../../../src/runtime/docker/cause-of-restart.ts';
import { Container } from '../../../../src/runtime/docker/engine/container.ts';
import type { DockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import { fakeClock } from '../../../support/fake-clock.ts';

const FILE = new URL('../../../fixtures/docker/inspect-litellm.json', import.meta.url);
const container = { ...inspected(), HostConfig: { ...inspected().HostConfig, Memory: 300 * 1024 ** 2 } };

function inspected(): Container {
  const found = JSON.parse(readFileSync(FILE, 'utf8'));
  return Container.parse(Array.isArray(found) ? found[0] : found);
}

function engineThatSays(stdout: string, exitCode = 0) {
  const calls: string[] = [];
  const docker: DockerCli = async (args) => {
    calls.push(args.join(' '));
    return { outcome: 'exited', exitCode, stdout, stderr: '' };
  };
  return { calls, docker, clock: fakeClock(Date.UTC(2026, 0, 1, 1)), containers: async () => [container] };
}

test('names the memory limit of a container that the engine killed and started again', async () => {
  const engine = engineThatSays('oom\n');
  expect(await causeOfRestart(container.Id, engine)).toBe(
    'it was killed because it needed more memory than its limit of 300m',
  );
  const now = Date.UTC(2026, 0, 1, 1) / 1000;
  expect(engine.calls).toEqual([
    `events --since ${now - 600} --until ${now} --filter container=${container.Id} --filter event=oom --format {{.Action}}`,
  ]);
});

test.each([
  ['has no such event', engineThatSays('')],
  ['fails', engineThatSays('oom\n', 1)],
  ['no longer has the container', { ...engineThatSays('oom\n'), containers: async () => [] }],
])('is empty when the engine %s', async (_, engine) => {
  expect(await causeOfRestart(container.Id, engine)).toBe('');
});
