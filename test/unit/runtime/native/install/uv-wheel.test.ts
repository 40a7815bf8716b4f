import { expect, test } from 'vitest';
import { UV_VERSION, uvWheel } from '../../../../../src/runtime/native/install/uv-wheel.ts';

test.each([
  ['linux-x86_64', /manylinux.*x86_64/],
  ['linux-aarch64', /manylinux.*aarch64/],
  ['linux-x86_64-musl', /musllinux.*x86_64/],
  ['linux-aarch64-musl', /musllinux.*aarch64/],
  ['darwin-x86_64', /macosx.*x86_64/],
  ['darwin-arm64', /macosx.*arm64/],
  ['win32-AMD64', /win_amd64/],
  ['win32-ARM64', /win_arm64/],
])('has a locked uv for %s', (platform, tag) => {
  const wheel = uvWheel(platform);
  expect(wheel?.file).toMatch(new RegExp(`^uv-${UV_VERSION}-py3-none-.*${tag.source}.*whl$`));
  expect(wheel?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(wheel?.bytes).toBeGreaterThan(10_000_000);
});

test('has no locked uv for other platforms', () => {
  expect(uvWheel('linux-mips')).toBeUndefined();
  expect(uvWheel('')).toBeUndefined();
});
