import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runExportCompose, runExportHelm } from '../../../src/commands/export.ts';
import { runRestart } from '../../../src/commands/restart.ts';
import type { Http } from '../../../src/io/network/http.ts';
import { placeOf } from '../../../src/litellm/config/find-config.ts';
import { loadConfig } from '../../../src/litellm/config/load-config.ts';
import { requireTrustedImage } from '../../../src/litellm/releases/trusted-image.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { makeBackup } from '../../../src/stack/backup/make-backup.ts';
import { bringUp } from '../../../src/stack/lifecycle/bring-up.ts';
import { runRestore } from '../../../src/stack/lifecycle/restore-stack.ts';
import { runUpgrade } from '../../../src/stack/upgrade/upgrade-stack.ts';
import { caught } from '../../support/caught.ts';
import { type FakeStack, type FakeStackOptions, fakeStack } from '../../support/fake-stack.ts';

const UP = { timeout: 60_000, pull: 'missing' } as const;
const REFUSED = {
  code: 'version_refused',
  exitCode: EXIT.usage,
  message: 'LiteLLM 1.107.0 was published by thieves and steals credentials',
  hint: expect.stringMatching(/^Replace every key that it could read wherever it has run[^\n]*\nUse \S+1\.108\.11$/),
  details: expect.objectContaining({
    advisory: 'litellm-security-incident-2026-10-21',
    source: 'https://docs.litellm.ai/blog/security-incident-oct-21-2026',
  }),
};

const up = (stack: FakeStack, flags = {}) => bringUp({ ...UP, ...flags }, stack.invocation, 0, stack.runtimeFor);
const upgrade = (stack: FakeStack, image: string) =>
  runUpgrade({ ...UP, image, force: true, backup: true }, stack.invocation, stack.runtimeFor);

describe('the check of image names', () => {
  test.each([
    'ghcr.io/berriai/litellm:v1.107.0',
    'docker.io/litellm/litellm:v1.107.0',
    'litellm/litellm-database:v1.107.0',
    'ghcr.io/berriai/litellm-non_root:main-v1.107.0',
    'docker.litellm.ai/berriai/litellm:v1.107.0-stable',
    'mirror.corp.example:5000/ai/gateway:1.107.0',
    'mirror.corp.example/ai/gateway:prod-1.107.0_7',
    'mirror.corp.example/ai/gateway:python3.13.1-v1.107.0',
    'litellm:V1.107.0',
    'litellm:v1.107.0.rc.1',
    'litellm:v1.107.0@sha256:0123456789abcdef',
    'litellm==1.107.0',
    'litellm==1.107',
    'litellm==1.107.0.post1',
    'litellm==01.107.00',
  ])('refuses %s', async (image) => {
    for (const installed of [true, false]) {
      expect((await caught(() => requireTrustedImage(image, { installed }))).message).toMatch(
        /^LiteLLM 1\.107\.0\S* was published by thieves and steals credentials$/,
      );
    }
  });

  test.each(['litellm:v1.107.1', 'litellm:v1.1070.0', 'litellm:v11.107.0', 'litellm:v1.107.01', 'litellm:v1.108.11'])(
    'accepts %s',
    (image) => expect(() => requireTrustedImage(image, { installed: false })).not.toThrow(/thieves/),
  );
});

describe('a stolen release', () => {
  test('is refused by up, in its flags or its state', async () => {
    const stack = await fakeStack();
    expect(await caught(() => up(stack, { image: 'r.lan/litellm:v1.107.0' }))).toMatchObject(REFUSED);
    const made = await fakeStack({ state: { image: 'r.lan/litellm:v1.107.0' }, runs: false });
    expect(await caught(() => up(made))).toMatchObject(REFUSED);
    expect([stack.calls, made.calls]).toEqual([[], []]);
  });

  test('is refused by restart', async () => {
    const stack = await fakeStack({ state: { image: 'r.lan/litellm:v1.107.0' } });
    expect(await caught(() => runRestart(['litellm'], UP, stack.invocation, stack.runtimeFor))).toMatchObject(REFUSED);
    expect(stack.calls.filter((call) => call.startsWith('start'))).toEqual([]);
  });

  test('is refused by upgrade, even with force and when it already runs', async () => {
    const stack = await fakeStack();
    expect(await caught(() => upgrade(stack, 'r.lan/litellm:v1.107.0'))).toMatchObject(REFUSED);
    const runs = await fakeStack({ state: { image: 'l:v1.107.0' } });
    expect(await caught(() => upgrade(runs, 'l:v1.107.0'))).toMatchObject(REFUSED);
    expect([stack.calls, runs.calls]).toEqual([[], []]);
  });

  test('is refused by restore --with-image', async () => {
    const stack = await fakeStack();
    const made = await stack.made();
    const spec = { ...made.spec, image: 'r.lan/litellm:v1.107.0' };
    await makeBackup(stack.invocation, { ...made, spec }, { reason: 'backup' });
    stack.calls.length = 0;
    const flags = { withImage: true, force: true, backup: false, timeout: 60_000 };
    expect(await caught(() => runRestore('latest', flags, stack.invocation, stack.runtimeFor))).toMatchObject(REFUSED);
    expect(stack.calls).toEqual([]);
  });

  test.each([
    ['docker', 'r.lan/litellm:v1.107.0'],
    ['native', 'litellm==1.107.0'],
  ] as const)('is refused by the export of a stack on %s', async (runtime, image) => {
    const { invocation } = await fakeStack({ state: { runtime, image } });
    expect(await caught(() => runExportCompose({}, invocation))).toMatchObject(REFUSED);
    expect(
      await caught(() => runExportHelm({ chart: 'litellm-helm', namespace: 'l', databaseHost: 'pg' }, invocation)),
    ).toMatchObject(REFUSED);
  });

  test('is refused in agents-llm.yaml, even when the image would not be applied', async () => {
    const { context } = (await fakeStack()).invocation;
    await writeFile(join(context.cwd, 'agents-llm.yaml'), 'image: r.lan/litellm:main-v1.107.0\n');
    expect(await caught(() => loadConfig(context, placeOf(context, 'agents-llm.yaml')))).toMatchObject({
      ...REFUSED,
      message: `agents-llm.yaml: ${REFUSED.message}`,
    });
  });
});

describe('an image under another name', () => {
  const rolling = { image: 'r.lan/gateway:prod' };
  const holding = (version: string): FakeStackOptions => ({
    runtime: {
      imageVersion: async () => version,
      imageDigests: async () => ({ [rolling.image]: 'sha256:abc' }),
    },
  });

  test.each(['up', 'upgrade'] as const)('%s checks the image before it starts or writes anything', async (name) => {
    const stack = await fakeStack(holding('1.107.0'));
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    const before = await files.read(paths.state);
    const run = name === 'up' ? () => up(stack, rolling) : () => upgrade(stack, rolling.image);
    expect(await caught(run)).toMatchObject(REFUSED);
    expect(stack.calls).toEqual([`prepare ${rolling.image} missing`]);
    expect(await files.read(paths.state)).toBe(before);
  });

  test('is stopped when LiteLLM reports a stolen version', async () => {
    const stack = await fakeStack({ runs: false });
    const told = {
      ...stack,
      invocation: { ...stack.invocation, context: { ...stack.invocation.context, http: says('1.107.0', stack) } },
    };
    expect(await caught(() => up(told))).toMatchObject(REFUSED);
    expect(stack.calls.at(-1)).toBe('stop litellm');
    expect(stack.running.has('litellm')).toBe(false);
  });

  test('is not reported as healthy when it runs a stolen version', async () => {
    const stack = await fakeStack();
    const told = {
      ...stack,
      invocation: { ...stack.invocation, context: { ...stack.invocation.context, http: says('1.107.0', stack) } },
    };
    expect(await caught(() => up(told))).toMatchObject(REFUSED);
    expect(stack.calls).toEqual([]);
  });

  test('runs with a warning that names its release when that is trusted', async () => {
    const stack = await fakeStack(holding('1.108.11'));
    const warning =
      'r.lan/gateway:prod is a rolling tag, which is LiteLLM 1.108.11 (sha256:abc) today but may be another release tomorrow. Use r.lan/gateway:v1.108.11';
    expect((await up(stack, rolling)).warnings).toEqual([warning]);
    expect((await up(stack)).data.change).toBe('unchanged');
    expect((await up(stack)).warnings).toEqual([warning]);
  });

  function says(version: string, { invocation: { context } }: FakeStack): Http {
    return {
      async send(request) {
        const result = await context.http.send(request);
        return result.ok ? { ...result, text: result.text.replaceAll('1.108.11', version) } : result;
      },
    };
  }
});
