import { expect, test } from 'vitest';
import { containerMemory } from '../../../../../src/runtime/docker/engine/container-memory.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const V2 = 'anon 700\ninactive_anon 5\ninactive_file 100\n';
const V1 = 'inactive_file 1\ncache 7\ntotal_inactive_file 200\n';

test.each([
  ['cgroups v2 under systemd', '/sys/fs/cgroup/system.slice/docker-abc.scope', 'memory.current', V2, 800],
  ['cgroups v2', '/sys/fs/cgroup/docker/abc', 'memory.current', V2, 800],
  ['cgroups v1 under systemd', '/sys/fs/cgroup/memory/system.slice/docker-abc.scope', 'memory.usage_in_bytes', V1, 700],
  ['cgroups v1', '/sys/fs/cgroup/memory/docker/abc', 'memory.usage_in_bytes', V1, 700],
])('reads the memory of a container from %s', async (_, folder, usage, stat, bytes) => {
  const files = fakeFiles({ [`${folder}/${usage}`]: '900\n', [`${folder}/memory.stat`]: stat });
  expect(await containerMemory('abc', files)).toBe(bytes);
  expect(await containerMemory('another', files)).toBeUndefined();
});

test('returns nothing when the engine keeps its cgroups elsewhere', async () => {
  expect(await containerMemory('abc', fakeFiles())).toBeUndefined();
});
