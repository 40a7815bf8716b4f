import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { isKnownImage } from '../../../../src/litellm/releases/known-images.ts';
import type { StackState } from '../../../../src/project/state.ts';
import { settingRisks } from '../../../../src/stack/lifecycle/setting-risks.ts';

type Given = Parameters<typeof settingRisks>;
const config = (text: string) => parseConfig(text, { shown: '', folder: '/shop' });
const risks = (text: string, flags: Given[1] = {}, env: Given[2] = {}, state?: Given[3]) =>
  settingRisks(config(text), flags, env, state);
const state = (changes: Partial<StackState> = {}) =>
  ({ runtime: 'docker', bind: '127.0.0.1', image: 'ghcr.io/berriai/litellm:v1.108.11', ...changes }) as StackState;

describe('the address in agents-llm.yaml', () => {
  const OPEN = 'Other machines reach the gateway at 0.0.0.0, not only 127.0.0.1';

  test('needs consent when it is new and beyond loopback', () => {
    expect(risks('bind: 0.0.0.0')).toEqual([OPEN]);
    expect(risks('bind: 0.0.0.0', {}, {}, state())).toEqual([OPEN]);
    expect(risks('bind: 0.0.0.0', {}, {}, state({ bind: '192.168.0.2' }))).toEqual([
      'Other machines reach the gateway at 0.0.0.0, not only 192.168.0.2',
    ]);
  });

  test('needs no consent when it opens nothing', () => {
    expect(risks('bind: 127.0.0.2')).toEqual([]);
    expect(risks('bind: 0.0.0.0', {}, {}, state({ bind: '0.0.0.0' }))).toEqual([]);
    expect(
      risks('bind: 0.0.0.0', {}, {}, state({ tls: { bind: '0.0.0.0' } as NonNullable<StackState['tls']> })),
    ).toEqual([]);
    expect(risks('bind: 0.0.0.0', { bind: '127.0.0.1' })).toEqual([]);
    expect(risks('bind: 0.0.0.0', {}, { AGENTS_LLM_BIND: '127.0.0.1' })).toEqual([]);
  });
});

describe('the image in agents-llm.yaml', () => {
  const EVIL = 'image: evil.example/berriai/litellm:v1.108.11';

  test.each([
    'evil.example/berriai/litellm:v1',
    'ghcr.io/evil/litellm:v1.108.11',
    'litellm:v1',
    'evil/litellm',
    'localhost:5000/litellm/litellm:v1',
    'evil.example/x@sha256:0123',
    'ghcr.io/berriai/litellm/evil:v1',
  ])('is unknown when it is %s', (image) => {
    expect(isKnownImage(image)).toBe(false);
    expect(risks(`image: ${image}`)).toEqual([
      `${image} runs with all secrets of the stack, but the LiteLLM project does not publish it`,
    ]);
  });

  test.each([
    'ghcr.io/berriai/litellm:v1.108.11',
    'ghcr.io/berriai/litellm-database@sha256:0123',
    'litellm/litellm:latest',
    'docker.io/litellm/litellm',
    'docker.litellm.ai/berriai/litellm:main-stable',
  ])('is known when it is %s', (image) => {
    expect([isKnownImage(image), risks(`image: ${image}`)]).toEqual([true, []]);
  });

  test('needs no consent when the stack already runs it or the file does not decide', () => {
    expect(risks(EVIL, {}, {}, state())).toHaveLength(1);
    expect(risks(EVIL, {}, {}, state({ image: 'evil.example/berriai/litellm:v1.108.10' }))).toEqual([]);
    expect(risks(EVIL, { image: 'l:1' })).toEqual([]);
    expect(risks(EVIL, {}, {}, state({ image: 'ghcr.io/berriai/litellm:v1.109.0' }))).toEqual([]);
    expect(risks(EVIL, {}, {}, state({ runtime: 'native' }))).toEqual([]);
    expect(risks(EVIL, { runtime: 'native' })).toEqual([]);
    expect(risks(EVIL, {}, { AGENTS_LLM_RUNTIME: 'native' })).toEqual([]);
  });
});
