import { posix } from 'node:path';
import { KEY_VARIABLES, KEYLESS } from '../admin/known-providers.ts';
import { litellmProblems } from '../gateway-config/litellm-rules.ts';
import type { BrokenRule } from './broken-rule.ts';
import type { ConfigFields } from './config-schema.ts';
import { isSecretName, looksRandom } from './config-secrets.ts';
import { isDangerousVariable } from './env-variable-names.ts';
import { environmentRules, unknownReferences } from './environment-rules.ts';

type Path = readonly PropertyKey[];

/** Rules that the schema cannot express: between fields and between entries. */
export function brokenRules(fields: ConfigFields): readonly BrokenRule[] {
  return [
    ...Object.entries(fields.providers ?? {}).flatMap(([name, provider]) => providerRules(name, provider)),
    ...Object.entries(fields.aliases ?? {}).flatMap(([name, alias]) => aliasRules(name, alias)),
    ...envFileRules(fields.keys ?? {}),
    ...litellmRules(fields.litellm),
    ...references(fields.providers ?? {}, ['providers']),
    ...references(fields.aliases ?? {}, ['aliases'], NAMED),
    ...unknownReferences(fields.aliases ?? {}, ['aliases'], fields.env ?? {}),
    ...environmentRules(fields.env ?? {}),
  ];
}

/** Allowed here, because `unknownReferences` checks which variables they are. */
const NAMED = /^os\.environ\/[A-Za-z_][A-Za-z0-9_]*$/;

/** LiteLLM resolves `os.environ/NAME` and `oidc/…` itself, in an environment that contains all secrets of the gateway. */
export function references(value: unknown, path: Path, allowed?: RegExp): BrokenRule[] {
  if (typeof value === 'string' && !allowed?.test(value) && /^\s*(os\.environ|oidc)\//i.test(value)) {
    return [
      {
        path,
        message: "this would read the gateway's own secrets: name an environment variable of yours in values_env",
      },
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => references(inner, [...path, name], allowed));
}

/** Rules for LiteLLM's own configuration, if it is in the file itself. */
const litellmRules = (litellm: ConfigFields['litellm']): readonly BrokenRule[] =>
  typeof litellm === 'object'
    ? litellmProblems(litellm).map((problem) => ({ ...problem, path: ['litellm', ...problem.path] }))
    : [];

type Entry<Group extends 'providers' | 'aliases' | 'keys'> = NonNullable<ConfigFields[Group]>[string];

function providerRules(name: string, entry: Entry<'providers'>): BrokenRule[] {
  const path = ['providers', name];
  const kind = entry.provider ?? name;
  const broken: BrokenRule[] = [];
  const usual = Object.hasOwn(KEY_VARIABLES, kind) ? KEY_VARIABLES[kind] : undefined;
  if (entry.provider === undefined && usual === undefined && !KEYLESS.has(name)) {
    broken.push({
      path,
      ofName: true,
      message: 'cannot tell which provider this is: add provider: openai, anthropic, azure, …',
    });
  } else if (entry.api_key_env === undefined && !KEYLESS.has(kind) && !entry.values_env) {
    const message = `the environment variable with its key is missing: add api_key_env: ${usual ?? 'VARIABLE'}`;
    broken.push({ path, ofName: true, message });
  }
  for (const [field, value] of [
    ['api_key_env', entry.api_key_env ?? ''],
    ...Object.entries(entry.values_env ?? {}).map(([field, value]) => [`values_env.${field}`, value]),
  ] as const) {
    if (looksRandom(value)) broken.push({ path: [...path, ...field.split('.')], secret: true, message: SECRET });
  }
  for (const field of Object.keys(entry.values ?? {})) {
    const at = [...path, 'values', field];
    if (isSecretName(field)) broken.push({ path: at, secret: true, message: SECRET });
    else if (entry.values_env && field in entry.values_env)
      broken.push({ path: at, message: 'it is also in values_env' });
  }
  for (const group of ['values', 'values_env'] as const) {
    for (const field of ['api_key', 'api_base', 'api_version']) {
      if (!entry[group] || !(field in entry[group])) continue;
      const own = field === 'api_key' ? 'api_key_env' : field;
      broken.push({ path: [...path, group, field], ofName: true, message: `use the field ${own} for this` });
    }
  }
  return broken;
}

const SECRET = 'this is a secret, but the name of an environment variable is needed';

function aliasRules(name: string, entry: Entry<'aliases'>): BrokenRule[] {
  const path = ['aliases', name];
  const { targets, fallbacks = [] } = entry;
  const beside = ['target', 'mock', ...OF_TARGET].filter((field) => field in entry);
  return [
    ...(targets ? beside : []).map((field) => ({
      path: [...path, field],
      ofName: true,
      message: 'it cannot stand beside targets: move it to each target',
    })),
    ...(fallbacks.includes(name)
      ? [{ path: [...path, 'fallbacks'], message: 'an alias cannot be its own fallback' }]
      : []),
    ...paramRules(entry.params, [...path, 'params']),
    ...(targets ?? []).flatMap(({ params }, at) => paramRules(params, [...path, 'targets', at, 'params'])),
  ];
}

const OF_TARGET = ['provider', 'mode', 'base_model', 'input_price', 'output_price', 'params'];
const OWN = { model: 'target', litellm_credential_name: 'provider' };

function paramRules(params: Readonly<Record<string, unknown>> = {}, path: Path): BrokenRule[] {
  return [
    ...Object.entries(OWN)
      .filter(([field]) => field in params)
      .map(([field, instead]) => ({
        path: [...path, field],
        ofName: true,
        message: `use the field "${instead}" for this`,
      })),
    ...Object.keys(params)
      .filter((field) => params[field] === null)
      .map((field) => ({ path: [...path, field], ofName: true, message: 'it has no value' })),
    ...secretsIn(params, path),
  ];
}

function secretsIn(value: unknown, path: Path): BrokenRule[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' && isSecretName(name)
      ? [{ path: [...path, name], secret: true, message: 'this is a secret: move it to a provider' }]
      : secretsIn(inner, [...path, name]),
  );
}

function envFileRules(keys: NonNullable<ConfigFields['keys']>): BrokenRule[] {
  const taken = new Set<string>();
  return Object.entries(keys).flatMap(([alias, { write_env: env }]) => {
    if (!env) return [];
    const path = ['keys', alias, 'write_env'];
    const file = posix.normalize(env.file);
    if (posix.isAbsolute(file) || file.startsWith('..') || /[\\\p{Cc}]/u.test(file)) {
      return [{ path: [...path, 'file'], message: 'must be in the folder of this file' }];
    }
    if (/(^|\/)\.git(\/|$)/i.test(file)) return [{ path: [...path, 'file'], message: 'must not be in .git' }];
    const dangerous = (['api_key', 'base_url'] as const).filter((field) => isDangerousVariable(env[field] ?? ''));
    if (dangerous.length > 0) {
      return dangerous.map((field) => ({
        path: [...path, field],
        message: 'is a variable that changes how programs run, so it is never written',
      }));
    }
    const variables = [env.api_key ?? 'OPENAI_API_KEY', env.base_url ?? 'OPENAI_BASE_URL'].map((at) => `${file} ${at}`);
    const twice = variables[0] === variables[1] || (variables[0] !== undefined && taken.has(variables[0]));
    for (const variable of variables) taken.add(variable);
    return twice ? [{ path, message: 'another entry writes the same variable to the same file' }] : [];
  });
}
