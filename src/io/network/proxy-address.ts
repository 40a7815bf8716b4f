import { CliError } from '../../model/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The protocols that undici supports. */
const PROTOCOLS = ['http:', 'https:', 'socks:', 'socks5:'];

/** The proxy in the first of these variables that is set, with or without a scheme, as in curl; empty if there is none. */
export function proxyAddress(env: Env, names: readonly string[]): string {
  const name = names.find((each) => env[each] !== undefined) ?? '';
  const value = env[name]?.trim() ?? '';
  if (value === '') return '';
  const address = value.includes('://') ? value : `http://${value}`;
  if (isUsable(address)) return address;
  // The value is not shown, because it may contain a password.
  throw new CliError('usage', `${name} is not a valid proxy address`, {
    hint: 'Set it to http://HOST:PORT, with special characters in user and password percent-encoded, or unset it',
  });
}

function isUsable(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address);
    decodeURIComponent(username + password);
    return PROTOCOLS.includes(protocol);
  } catch {
    return false;
  }
}
