import type { PricedModel } from '../admin/models.ts';

/** What the names of a provider's own chat models begin with. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  openai: /^gpt-/,
  anthropic: /^claude-/,
  gemini: /^gemini-/,
  mistral: /^mistral-/,
  deepseek: /^deepseek-/,
  xai: /^grok-/,
  cohere_chat: /^command-/,
};

/** Whether the price table can tell a default target of that provider. */
export const hasDefaultTarget = (provider: string): boolean => Object.hasOwn(FAMILIES, provider);

/** What is no model for everything, or is one that will not stay. */
const SPECIAL =
  /-(preview|beta|exp|latest|audio|realtime|search|image|vision|tts|transcribe|live|robotics|research|code|cyber|guard|lite|nano|mini|reasoning)\b/;
/** The date of a release, as the providers write it. */
const DATE = /-(\d{4}-\d\d-\d\d|\d\d-\d{4}|\d{4,8})\b/;
const VERSION = /(?:^|-)v?(\d{1,2}(?:\.\d+|-\d{1,2})?)(?=-|$)/;

/**
 * The newest of a provider's priced chat models, by the versions in their names; of several that are equally new the one in
 * the middle by price. Undefined when the table has none, or the provider none of its own.
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
