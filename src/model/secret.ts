const SAFE = /^[A-Za-z0-9_.:/@+=-]+$/;

/** A value that is masked when it is printed, logged, serialised or inspected. Only `reveal` returns the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** `sk-…cdef` for long values, `…` for short ones, so that keys can be distinguished but not guessed. */
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

/** Whether Compose and every dotenv parser read the value unchanged. */
export function isSafeValue(text: string): boolean {
  return SAFE.test(text);
}

/** A function that replaces the secrets in a text. Values under 6 characters (`admin`) are ignored, because they are not secret. */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value.length >= 6);
  values.sort((a, b) => b.length - a.length);
  return (text) => values.reduce((result, value) => result.replaceAll(value, '[redacted]'), text);
}
