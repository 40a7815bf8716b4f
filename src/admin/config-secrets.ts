/** What keys of providers, tokens and private keys look like. */
const TOKENS = [
  /\bsk-(?=[\w-]*\d)[\w-]{16,}/,
  /\bAIza[\w-]{30,}/,
  /\b(gsk|hf|r8|glpat|ghp|gho|ghu|ghs|github_pat)[_-][\w-]{20,}/,
  /\b(xai|pplx|nvapi)-[\w-]{20,}/,
  /\bAKIA[A-Z0-9]{16}\b/,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /:\/\/[^\s/:@]+:[^\s/@]+@/,
];

/** Names of fields whose values are secret. */
const SECRET_NAME = /(^|[_-])(api[_-]?key|key|secret|password|passwd|token|credentials?)$/i;

/** Where in the text, comments included, something stands that can only be a secret; undefined when nothing does. */
export function findSecret(text: string): number | undefined {
  const found = TOKENS.map((token) => text.search(token)).filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) : undefined;
}

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** What may be the name of a variable by its form, and is no name that a person gives: a key put where its name belongs. */
export function looksRandom(text: string): boolean {
  return text.length >= 20 && /\d/.test(text) && /[a-z]/.test(text);
}
