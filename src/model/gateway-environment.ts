import * as z from 'zod/mini';
import { jsonAs } from '../text/json.ts';
import { VARIABLE_NAME } from '../text/variable-name.ts';
import { sparedHosts } from './no-proxy.ts';
import { Secret } from './secret.ts';
import { withLoopback } from './this-machine.ts';

/** By what a variable was last given; a source that is given again replaces all that it gave before. */
export const VARIABLE_SOURCES = ['config', 'env-file', 'flag'] as const;

export type VariableSource = (typeof VARIABLE_SOURCES)[number];

/** A variable that the gateway is given beside the stack's own. */
export interface GatewayVariable {
  readonly name: string;
  /** Of a file, what is in it. */
  readonly value: Secret;
  /** Whether it must not be shown. */
  readonly isSecret: boolean;
  readonly source: VariableSource;
  /** The variable of the user's environment that it was taken from. */
  readonly from?: string | undefined;
  /** The file that it was read from, whose path the gateway gets as the value. */
  readonly file?: string | undefined;
  /** Of the gateway's way out: an HTTP proxy of the user's environment, or certificates that a file brings. */
  readonly network?: 'proxy' | 'ca' | undefined;
}

/** The name of the variable with certificate authorities, in PEM; the gateway's entry point adds them to its own. */
export const AUTHORITY = 'AGENTS_LLM_CA';

/** One that a command line names; without a value it is taken from the user's environment. */
export interface GivenVariable {
  readonly name: string;
  readonly value: string | undefined;
}

const text = z.string();

const STORED = z.object({
  schemaVersion: z.literal(1),
  variables: z.array(
    z.object({
      name: text.check(z.regex(VARIABLE_NAME)),
      value: text.check(z.refine((value) => !value.includes('\0'))),
      isSecret: z.boolean(),
      source: z.enum(VARIABLE_SOURCES),
      from: z.optional(text),
      file: z.optional(text),
      network: z.optional(z.enum(['proxy', 'ca'])),
    }),
  ),
});

/** Undefined for a text that `renderEnvironment` has not written. */
export function parseEnvironment(stored: string): readonly GatewayVariable[] | undefined {
  return jsonAs(STORED, stored)?.variables.map((variable) => ({ ...variable, value: new Secret(variable.value) }));
}

export function renderEnvironment(variables: readonly GatewayVariable[]): string {
  const stored = variables.map((variable) => ({ ...variable, value: variable.value.reveal() }));
  return `${JSON.stringify({ schemaVersion: 1, variables: stored }, null, 2)}\n`;
}

/** What the gateway gets: of several with one name the last source counts. */
export function effectiveVariables(variables: readonly GatewayVariable[]): readonly GatewayVariable[] {
  const byName = new Map<string, GatewayVariable>();
  for (const source of VARIABLE_SOURCES) {
    for (const variable of variables) if (variable.source === source) byName.set(variable.name, variable);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Shorter lines also occur in texts that are not secret. */
const SHORTEST_LINE = 8;

/** All forms in which the secrets among them could show in a log: whole, line by line, and as JSON and Python write them. */
export function secretsOfEnvironment(variables: readonly GatewayVariable[]): Secret[] {
  return variables.filter(({ isSecret }) => isSecret).flatMap(({ value }) => formsOf(value.reveal()));
}

function formsOf(value: string): Secret[] {
  const password = passwordOf(value);
  const lines = value.split(/\r?\n/);
  const escaped = JSON.stringify(value).slice(1, -1);
  const parts = lines.length > 1 ? lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST_LINE) : [];
  return [...new Set([value, escaped, ...parts, ...password])].map((form) => new Secret(form));
}

/** Of an address, as it is written and as it is meant: LiteLLM may name the host of an HTTP proxy with it. */
function passwordOf(value: string): readonly string[] {
  const password = /^[a-z0-9+.-]+:\/\/[^/@\s]*:([^/@\s]+)@/i.exec(value)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

/** The folder in which the gateway finds the files, and the hosts that it always reaches without an HTTP proxy. */
export interface GatewayPlace {
  readonly files: string;
  readonly spared: readonly string[];
  /** The file that its entry point writes: its own certificates and those of the authorities that it is given. */
  readonly certificates: string;
  /** The user's machine, where 127.0.0.1 is another one for the gateway. */
  readonly machine?: string;
  /** Whether the gateway runs on the user's machine, without a container. */
  readonly isNative?: boolean;
}

export const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;

/** By which OpenSSL and httpx, requests, boto and gRPC find their certificates. */
const CERTIFICATE_VARIABLES = [
  'AGENTS_LLM_CA_FILE',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'AWS_CA_BUNDLE',
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
];

/** What the gateway is started with. Proxies are given under both names, because which of them counts differs by library. */
export function environmentValues(
  variables: readonly GatewayVariable[],
  place: GatewayPlace,
): Readonly<Record<string, string>> {
  const given = effectiveVariables(variables).map((variable) => [variable.name, valueIn(variable, place)] as const);
  const own = Object.fromEntries(given);
  const trusted = own[AUTHORITY] === undefined ? [] : CERTIFICATE_VARIABLES.map((name) => [name, place.certificates]);
  const values: Readonly<Record<string, string>> = { ...Object.fromEntries(trusted), ...own };
  const both = PROXY_VARIABLES.flatMap((name) => {
    const value = values[name] ?? values[name.toLowerCase()];
    if (value === undefined) return [];
    const whole = name === 'NO_PROXY' ? sparedHosts(value, place.spared) : value;
    return [name, name.toLowerCase()].map(
      (each) => [each, values[each] !== undefined && name !== 'NO_PROXY' ? values[each] : whole] as const,
    );
  });
  return { ...values, ...Object.fromEntries(both) };
}

function valueIn(variable: GatewayVariable, { files, machine, isNative }: GatewayPlace): string {
  if (isFile(variable)) return `${files}/${fileNameOf(variable)}`;
  const value = variable.value.reveal();
  if (isNative) return withLoopback(value);
  return variable.network === 'proxy' && machine !== undefined ? value.replace(ON_THIS_MACHINE, `$1${machine}`) : value;
}

/** An HTTP proxy there, up to the name of the host. */
const ON_THIS_MACHINE = /^([a-z]+:\/\/(?:[^/@]*@)?)(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/i;

const isFile = ({ file, network }: GatewayVariable) => file !== undefined && network === undefined;

/** Some programs go by the extension. */
function fileNameOf({ name, file = '' }: GatewayVariable): string {
  return `${name}${/\.[A-Za-z0-9]{1,10}$/.exec(file)?.[0] ?? ''}`;
}

/** The files that they name, by the names that the gateway finds them under. */
export function environmentFiles(variables: readonly GatewayVariable[]): ReadonlyMap<string, string> {
  const named = effectiveVariables(variables).filter(isFile);
  return new Map(named.map((variable) => [fileNameOf(variable), variable.value.reveal()]));
}
