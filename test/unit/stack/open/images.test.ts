import { expect, test } from 'vitest';
import { requireTrustedImage } from '../../../../src/litellm/releases/trusted-image.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { noteDigests } from '../../../../src/stack/open/images.ts';
import { caught } from '../../../support/caught.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';

const pinned = 'ghcr.io/berriai/litellm:v1.108.11';

test.each([true, false])('refuses compromised releases (installed: %s)', async (installed) => {
  const error = await caught(() => requireTrustedImage('litellm:v1.82.7', { installed }));
  expect(error).toMatchObject({
    code: 'version_refused',
    exitCode: EXIT.usage,
    message: 'LiteLLM 1.82.7 was published by thieves and steals credentials',
    hint: `Replace every key that it could read wherever it has run, provider keys first\nUse ${pinned}`,
    details: { advisory: 'litellm-security-update-march-2026' },
  });
});

test('refuses to install a vulnerable release and warns when one runs', async () => {
  expect(await caught(() => requireTrustedImage('litellm:v1.83.9', { installed: true }))).toMatchObject({
    code: 'version_refused',
    message: 'LiteLLM 1.83.9 lets strangers into its database (CVE-2026-42208)',
  });
  expect(requireTrustedImage('litellm:v1.83.9', { installed: false })).toEqual([
    `LiteLLM 1.83.9 lets strangers into its database (CVE-2026-42208). Use ${pinned}`,
  ]);
});

test.each([pinned, 'litellm:main', 'litellm@sha256:abc'])('accepts %s', (image) => {
  expect(requireTrustedImage(image, { installed: true })).toEqual([]);
});

test('warns when an image name refers to another image, and keeps the first digest', async () => {
  const runtime = fakeRuntime({ imageDigests: async () => ({ 'l:1': 'sha256:new', 'p:1': 'sha256:p' }) });
  const spec = { project: 'shop', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
  expect(await noteDigests(runtime, spec, {})).toMatchObject({ warnings: [] });
  expect(await noteDigests(runtime, spec, { digests: { 'l:1': 'sha256:old' } })).toEqual({
    digests: { 'l:1': 'sha256:old', 'p:1': 'sha256:p' },
    current: { 'l:1': 'sha256:new', 'p:1': 'sha256:p' },
    warnings: ['l:1 has changed since its first use: it was sha256:old and is sha256:new now'],
  });
});
