import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigFields } from '../../../src/litellm/config/config-schema.ts';
import { renderConfig } from '../../../src/litellm/config/render-config.ts';
import { applySetup, VARIABLES } from '../../support/apply-setup.ts';
import { startFakeLitellm } from '../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../support/fake-litellm-state.ts';

const some = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => !/\p{Cc}|@/u.test(value));

const provider = fc.record({
  provider: fc.constantFrom('openai', 'anthropic', 'azure'),
  api_key_env: fc.constantFrom(...Object.keys(VARIABLES)),
  api_base: some(fc.webUrl()),
  values: some(fc.dictionary(fc.constantFrom('organization', 'region'), text, { minKeys: 1 })),
});
const alias = (providers: readonly string[]) =>
  fc.record({
    target: fc.constantFrom('openai/gpt-4o', 'openai/gpt-4.1', 'azure/mine', 'ollama/llama3'),
    provider: providers.length > 0 ? some(fc.constantFrom(...providers)) : fc.constant(undefined),
    params: some(
      fc.dictionary(
        fc.constantFrom('temperature', 'drop_params', 'extra_headers', 'stop'),
        fc.oneof(fc.integer(), fc.boolean(), text, fc.array(text), fc.record({ b: text, a: fc.integer() })),
        { minKeys: 1 },
      ),
    ),
  });
const key = (aliases: readonly string[]) =>
  fc.record({
    models: fc.uniqueArray(fc.constantFrom('all-proxy-models', ...aliases), { minLength: 1 }),
    duration: some(fc.constantFrom('30d', '7d', '90d')),
    max_budget: some(fc.double({ min: 0, max: 100, noNaN: true }).map((value) => Math.abs(value))),
    rpm_limit: some(fc.nat()),
    tpm_limit: some(fc.nat()),
  });

const NAMES = ['openai', 'gpt-5', 'a/b c', 'ключ', "it's: #1", '1.5'];
const named = <Entry>(entry: fc.Arbitrary<Entry>) => fc.dictionary(fc.constantFrom(...NAMES), entry, { maxKeys: 3 });

/** Any file that is right, of one and the same project. */
const file: fc.Arbitrary<string> = named(provider).chain((providers) =>
  named(alias(Object.keys(providers))).chain((aliases) =>
    named(key(Object.keys(aliases))).map((keys) =>
      renderConfig(JSON.parse(JSON.stringify({ name: 'shop', providers, aliases, keys })) as ConfigFields, './schema'),
    ),
  ),
);

const namesOf = ({ state }: FakeLitellm) => ({
  providers: Object.keys(state.credentials).sort(),
  aliases: state.models.map(({ name }) => name).sort(),
  keys: state.keys.map(({ key_alias }) => String(key_alias)).sort(),
});

test('applies any two files in turn: the second run changes nothing, and --prune keeps its entries', async () => {
  const fake = await startFakeLitellm();
  const property = fc.asyncProperty(file, file, fc.boolean(), async (one, other, prune) => {
    Object.assign(fake.state, { credentials: {}, models: [], keys: [] });
    const folder = await mkdtemp(join(tmpdir(), 'agents-llm-apply-'));
    try {
      const { apply } = applySetup(fake, folder);
      await apply(one);
      await apply(other, { prune });
      const before = JSON.stringify(fake.state);
      expect(await apply(other, { prune })).toMatchObject({ change: 'unchanged', plan: [] });
      expect(JSON.stringify(fake.state)).toBe(before);
      await apply(other, { prune: true });
      const pruned = namesOf(fake);
      // As if there had never been another file.
      Object.assign(fake.state, { credentials: {}, models: [], keys: [] });
      await apply(other);
      expect(pruned).toEqual(namesOf(fake));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  await fc.assert(property, { numRuns: 30 });
  await fake.close();
}, 60_000);
