import { expect, test } from 'vitest';
import type { DockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import { imageVersion } from '../../../../src/runtime/docker/image-version.ts';

test.each([
  ['/app/.venv/lib/python3.13/site-packages/litellm-1.107.0.dist-info\n', '1.107.0'],
  [
    '/usr/lib/python3*/*-packages/litellm-[0-9]*.dist-info\n/usr/local/lib/python3.11/site-packages/litellm-1.2.3rc1.dist-info\n',
    '1.2.3rc1',
  ],
  ['/usr/lib/python3*/*-packages/litellm-[0-9]*.dist-info\n', undefined],
  ['', undefined],
])('reads the version of LiteLLM from the packages of an image: %j', async (stdout, version) => {
  const lines: string[] = [];
  const docker: DockerCli = async (args) => {
    lines.push(args.join(' '));
    return { outcome: 'exited', exitCode: 0, stdout, stderr: '' };
  };
  expect(await imageVersion('l:latest', docker)).toBe(version);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^run --rm .*--entrypoint sh l:latest -c for f in /);
  for (const closed of ['--network none', '--read-only', '--cap-drop ALL']) expect(lines[0]).toContain(closed);
  // A stolen release acts as soon as Python starts.
  expect(lines[0]).not.toMatch(/ python3? | -m |import/);
});
