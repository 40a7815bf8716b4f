import type { ConfigFields } from '../config/config-schema.ts';
import type { ComposeSource } from './compose-source.ts';

type Providers = NonNullable<ConfigFields['providers']>;

/** Adds what a Compose file gives LiteLLM beside its configuration; `named` are the variables that the configuration reads. */
export function addEnvironment(fields: ConfigFields, compose: ComposeSource, named: ReadonlySet<string>): ConfigFields {
  const { entries, paths, record, awsProfile } = compose;
  const ofProviders = new Set(Object.values(fields.providers ?? {}).flatMap(variablesOf));
  const env: NonNullable<ConfigFields['env']> = { ...fields.env };
  for (const [name, entry] of entries) {
    const isUsed = (named.has(name) || ofProviders.has(name)) && !(name in env);
    if (isUsed || (awsProfile !== undefined && name === 'AWS_PROFILE')) continue;
    env[name] = entry;
    const variable = variableBehind(entry);
    record('taken', paths.get(name) ?? [], `env.${name}${variable ? `, from your variable ${variable}` : ''}`);
  }
  const from = (name: string) => variableBehind(entries.get(name)) ?? name;
  return {
    ...fields,
    ...(fields.providers && { providers: renamed(fields.providers, from) }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(awsProfile !== undefined && { aws: { profile: awsProfile } }),
  };
}

/** The user's variable that a variable of the gateway is taken from. */
const variableBehind = (entry: NonNullable<ConfigFields['env']>[string] | undefined) =>
  typeof entry === 'object' && 'from' in entry ? entry.from : undefined;

const variablesOf = ({ api_key_env: key, values_env: values = {} }: Providers[string]) => [
  ...(key === undefined ? [] : [key]),
  ...Object.values(values),
];

/** The variables of the user, where the container has them under other names. */
function renamed(providers: Providers, from: (name: string) => string): Providers {
  return Object.fromEntries(
    Object.entries(providers).map(([name, { api_key_env: key, values_env: values, ...rest }]) => [
      name,
      {
        ...rest,
        ...(key === undefined ? {} : { api_key_env: from(key) }),
        ...(values && {
          values_env: Object.fromEntries(Object.entries(values).map(([field, variable]) => [field, from(variable)])),
        }),
      },
    ]),
  );
}
