import { describe, expect, test } from 'vitest';
import { newestModel } from '../../../../src/litellm/aliases/default-target.ts';

const NOW = Date.UTC(2026, 10, 28);
const row = (name: string, price: number, retired?: string) => ({ name, price, retired });

/** Of LiteLLM's own table of 28 November 2026. */
const ANTHROPIC = [
  row('anthropic/claude-haiku-4-5-20251001', 1),
  row('anthropic/claude-haiku-5-5', 0.1),
  row('anthropic/claude-sonnet-4-5', 3, '2026-11-30'),
  row('anthropic/claude-sonnet-4-5-20250929', 3, '2026-11-30'),
  row('anthropic/claude-sonnet-5', 2),
  row('anthropic/claude-sonnet-5-5', 2),
  row('anthropic/claude-opus-5-5', 4),
  row('anthropic/claude-mythos-5-1', 10),
  row('anthropic/claude-mythos-preview', 10, '2026-06-09'),
];

describe('the default target', () => {
  test.each([
    ['anthropic', ANTHROPIC, 'anthropic/claude-sonnet-5-5'],
    [
      'openai',
      [row('openai/gpt-5.6', 4), row('openai/gpt-6.1-sol', 2), row('openai/gpt-6-astra', 10), row('openai/o3', 2)],
      'openai/gpt-6.1-sol',
    ],
    [
      'gemini',
      [row('gemini/gemini-3.8-flash', 0.75), row('gemini/gemini-3.5-flash', 1.5), row('gemini/gemini-9-preview', 1)],
      'gemini/gemini-3.8-flash',
    ],
    ['xai', [row('xai/grok-4.20', 1), row('xai/grok-4.7', 2), row('xai/grok-4.20-0309', 1)], 'xai/grok-4.7'],
    ['mistral', [row('mistral/mistral-large-2512', 1), row('mistral/mistral-large-3', 1)], 'mistral/mistral-large-3'],
  ])('for %s is the newest priced model, of medium price', (provider, models, expected) => {
    expect(newestModel(provider, models, NOW)).toBe(expected);
  });

  test('is never a retired, free or dated model', () => {
    const models = [
      row('anthropic/claude-sonnet-9', 1, '2026-11-01'),
      row('anthropic/claude-sonnet-8', 0),
      row('anthropic/claude-sonnet-7-20261001', 1),
      row('anthropic/claude-sonnet-6', 1, '2027-01-01'),
    ];
    expect(newestModel('anthropic', models, NOW)).toBe('anthropic/claude-sonnet-6');
    expect(newestModel('anthropic', models.slice(0, 3), NOW)).toBeUndefined();
  });

  test("is not guessed for a provider that serves other vendors' models", () => {
    expect(newestModel('azure', [row('azure/gpt-6', 1)], NOW)).toBeUndefined();
    expect(newestModel('constructor', [], NOW)).toBeUndefined();
  });
});
