import * as z from 'zod/mini';
import { jsonAs } from '../text/json.ts';
import { VARIABLE_NAME } from '../text/variable-name.ts';
import { sparedHosts } from './no-proxy.ts';
import { Secret } from './secret.ts';

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
}

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

/** Lines shorter than this stand in many texts that are no secret. */
const SHORTEST_LINE = 8;

/** All forms in which the secrets among them could show in a log: whole, line by line, and as JSON and Python write them. */
export function secretsOfEnvironment(variables: readonly GatewayVariable[]): Secret[] {
  return variables.filter(({ isSecret }) => isSecret).flatMap(({ value }) => formsOf(value.reveal()));
}

function formsOf(value: string): Secret[] {
  const lines = value.split(/\r?\n/);
  const escaped = JSON.stringify(value).slice(1, -1);
  const parts = lines.length > 1 ? lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST_LINE) : [];
  return [...new Set([value, escaped, ...parts])].map((form) => new Secret(form));
}

/** The folder in which the gateway finds the files, and the hosts that it always reaches without an HTTP proxy. */
export interface GatewayPlace {
  readonly files: string;
  readonly spared: readonly string[];
}

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];

/** What the gateway is started with. Proxies are given under both names, because which of them counts differs by library. */
export function environmentValues(
  variables: readonly GatewayVariable[],
  { files, spared }: GatewayPlace,
): Readonly<Record<string, string>> {
  const given = effectiveVariables(variables).map((variable) => [variable.name, valueIn(variable, files)] as const);
  const values = Object.fromEntries(given);
  const both = PROXY_VARIABLES.flatMap((name) => {
    const value = values[name] ?? values[name.toLowerCase()];
    if (value === undefined) return [];
    const whole = name === 'NO_PROXY' ? sparedHosts(value, spared) : value;
    return [name, name.toLowerCase()].map(
      (each) => [each, values[each] !== undefined && name !== 'NO_PROXY' ? values[each] : whole] as const,
    );
  });
  return { ...values, ...Object.fromEntries(both) };
}

const valueIn = (variable: GatewayVariable, folder: string) =>
  variable.file === undefined ? variable.value.reveal() : `${folder}/${fileNameOf(variable)}`;

/** Some programs go by the extension. */
function fileNameOf({ name, file = '' }: GatewayVariable): string {
  return `${name}${/\.[A-Za-z0-9]{1,10}$/.exec(file)?.[0] ?? ''}`;
}

/** The files that they name, by the names that the gateway finds them under. */
export function environmentFiles(variables: readonly GatewayVariable[]): ReadonlyMap<string, string> {
  const named = effectiveVariables(variables).filter(({ file }) => file !== undefined);
  return new Map(named.map((variable) => [fileNameOf(variable), variable.value.reveal()]));
}
