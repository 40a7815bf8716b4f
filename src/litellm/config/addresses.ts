/** A value that decides to which host LiteLLM sends a key. */
export interface Address {
  /** A dotted path if it is nested. */
  readonly field: string;
  readonly value: string;
}

/** `api_base`, `aws_sts_endpoint`, `langfuse_host`, …: LiteLLM has too many to list. */
const ADDRESS_NAME = /base|url|uri|endpoint|host|proxy|domain|server|gateway/i;
/** Other values that become a host, such as a region `evil.example/#`. */
const ADDRESS_VALUE = /:\/\/|^\S*[/?#@\\]\S*$|^\S+:\d+$/;

/** Looks like an address, but only names the model whose prices are used. */
const NOT_AN_ADDRESS = 'base_model';

/** All addresses in the parameters of a model or in the values of a provider. */
export function addressesIn(values: Readonly<Record<string, unknown>>, prefix = ''): readonly Address[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const field = `${prefix}${name}`;
    if (typeof value === 'object' && value !== null) {
      return addressesIn(value as Readonly<Record<string, unknown>>, `${field}.`);
    }
    const isAddress =
      typeof value === 'string' && name !== NOT_AN_ADDRESS && (ADDRESS_NAME.test(name) || ADDRESS_VALUE.test(value));
    return isAddress ? [{ field, value }] : [];
  });
}

/** The actual host of an address: `evil.example` for `https://api.openai.com@evil.example`. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : '';
}
