/** The formats of provider keys, tokens and private keys. Every part is bounded, because a long text would take forever. */
const TOKENS = [
  /\bsk-(?=[\w-]{0,99}\d)[\w-]{16}/,
  /\bAIza[\w-]{30}/,
  /\b(gsk|hf|r8|glpat|ghp|gho|ghu|ghs|github_pat)[_-][\w-]{20}/,
  /\b(xai|pplx|nvapi)-[\w-]{20}/,
  /\bAKIA[A-Z0-9]{16}\b/,
  /\beyJ[\w-]{10,500}\.[\w-]{10,2000}\.[\w-]{10}/,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/,
  // Redis has a password without a user.
  /:\/\/[^\s/:@]{0,200}:[^\s/@]{1,400}@/,
  // OpenTelemetry wants its headers percent-encoded.
  /\b(?:Bearer|Basic)(?: |%20)(?=[\w.~+/=-]{0,99}\d)[\w.~+/=-]{16}/i,
];

/** Names of fields whose values are secret. */
const SECRET_NAME = /(^|[_-])(api[_-]?key|key|secret|password|passwd|token|credentials?)$/i;

/** The position of the first secret in a text, including comments; undefined if there is none. */
export function findSecret(text: string): number | undefined {
  const found = TOKENS.map((token) => text.search(token)).filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) : undefined;
}

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Public keys are named like secrets but are not. */
const PUBLIC_NAME = /(^|_)PUBLIC_KEY$/i;

/** Whether the value of an environment variable must not be shown. */
export function isSecretVariable(name: string, value: string): boolean {
  if (value === '') return false;
  return (isSecretName(name) && !PUBLIC_NAME.test(name)) || findSecret(value) !== undefined;
}

/** Whether a valid variable name is probably a key that was written in place of its name. */
export function looksRandom(text: string): boolean {
  return text.length >= 20 && /\d/.test(text) && /[a-z]/.test(text);
}
