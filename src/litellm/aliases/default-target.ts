import type { PricedModel } from '../admin/models.ts';

/** The prefixes of each provider's own chat models. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  openai: /^gpt-/,
  anthropic: /^claude-/,
  gemini: /^gemini-/,
  mistral: /^mistral-/,
  deepseek: /^deepseek-/,
  xai: /^grok-/,
  cohere_chat: /^command-/,
};

/** Whether a default target can be found in the price table. */
export const hasDefaultTarget = (provider: string): boolean => Object.hasOwn(FAMILIES, provider);

/** Marks models that are not general-purpose or not permanent. */
const SPECIAL =
  /-(preview|beta|exp|latest|audio|realtime|search|image|vision|tts|transcribe|live|robotics|research|code|cyber|guard|lite|nano|mini|reasoning)\b/;
/** A release date, in the formats of the providers. */
const DATE = /-(\d{4}-\d\d-\d\d|\d\d-\d{4}|\d{4,8})\b/;
const VERSION = /(?:^|-)v?(\d{1,2}(?:\.\d+|-\d{1,2})?)(?=-|$)/;

/**
 * The newest of a provider's priced chat models by the version in the name; of several with the same version, the one in
 * the middle by price. Undefined if the table has none.
 */
export function newestModel(provider: string, models: readonly PricedModel[], now: number): string | undefined {
  const family = hasDefaultTarget(provider) ? FAMILIES[provider] : undefined;
  const known = models.flatMap((model) => {
    const name = model.name.slice(model.name.indexOf('/') + 1);
    const version = versionOf(name);
    const isUsual = family?.test(name) && model.price > 0 && !SPECIAL.test(name) && !DATE.test(name);
    const isRetired = model.retired !== undefined && Date.parse(model.retired) <= now;
    return isUsual && !isRetired && version !== undefined ? [{ ...model, version }] : [];
  });
  const newest = Math.max(...known.map(({ version }) => version));
  const equal = known.filter(({ version }) => version === newest).sort((a, b) => a.price - b.price);
  return equal[Math.floor((equal.length - 1) / 2)]?.name;
}

/** `5.1` of `claude-opus-5-1`. */
function versionOf(name: string): number | undefined {
  const text = VERSION.exec(name)?.[1];
  return text === undefined ? undefined : Number(text.replace('-', '.'));
}
