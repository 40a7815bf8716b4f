import { redactor, type Secret } from './secret.ts';

/** The secrets that a command has handled so far. Applied to everything that it writes, as a last safeguard. */
export interface Redaction {
  add(secrets: readonly Secret[]): void;
  readonly apply: (text: string) => string;
}

export function createRedaction(): Redaction {
  const known: Secret[] = [];
  let apply = redactor(known);
  return {
    add(secrets) {
      known.push(...secrets);
      apply = redactor(known);
    },
    apply: (text) => apply(text),
  };
}
