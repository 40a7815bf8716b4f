const SAFE = /^[A-Za-z0-9_.:/@+=-]+$/;

/** A value that never shows itself: printing, logging, JSON and inspection give a mask; only `reveal` gives the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** `sk-…cdef` for long values, `…` for short ones, so that two keys can be told apart and none can be guessed. */
  get mask(): string {
    if (this.#text.length < 12) return '…';
    return `${this.#text.startsWith('sk-') ? 'sk-' : ''}…${this.#text.slice(-4)}`;
  }

  toString(): string {
    return this.mask;
  }

  toJSON(): string {
    return this.mask;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.mask;
  }
}

/** Whether a value survives Compose's and every dotenv parser's reading unchanged. */
export function isSafeValue(text: string): boolean {
  return SAFE.test(text);
}

/** A function that replaces each of the secrets in a text. Values below 6 characters (`admin`) are left: they are no secret. */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value.length >= 6);
  values.sort((a, b) => b.length - a.length);
  return (text) => values.reduce((result, value) => result.replaceAll(value, '[redacted]'), text);
}
