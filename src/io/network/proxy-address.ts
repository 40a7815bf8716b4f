import { CliError } from '../../model/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Those that undici speaks. */
const PROTOCOLS = ['http:', 'https:', 'socks:', 'socks5:'];

/** The proxy that the first of these variables names, also without a scheme, as curl takes it; empty when there is none. */
export function proxyAddress(env: Env, names: readonly string[]): string {
  const name = names.find((each) => env[each] !== undefined) ?? '';
  const value = env[name]?.trim() ?? '';
  if (value === '') return '';
  const address = value.includes('://') ? value : `http://${value}`;
  if (isUsable(address)) return address;
  // Its value is not told: it may hold a password.
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
