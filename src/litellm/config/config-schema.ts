import { isIPv4 } from 'node:net';
import * as z from 'zod/mini';
import { MEMORY_SIZE, parseMemory } from '../../model/memory-limit.ts';
import { originOf } from '../../model/web-origins.ts';
import { ALIAS, TARGET } from './alias-schema.ts';
import { matching, text, variable, whole } from './schema-values.ts';

const AN_ORIGIN = 'scheme://host[:port] without a path, such as https://app.example.com';

const PROVIDER = z.strictObject(
  {
    provider: z.optional(
      text("LiteLLM's name for the provider. Default: the name of this entry, if it is a provider."),
    ),
    api_key_env: z.optional(
      variable('The environment variable that holds the key. The key itself is never in this file.'),
    ),
    api_base: z.optional(text("The provider's address, if it is not the usual one.")),
    api_version: z.optional(text('The API version, for Azure.')),
    values: z.optional(
      z
        .record(z.string(), text('A value.'), 'must be a map of names and values')
        .check(z.describe('Additional provider settings, such as aws_region_name. No secrets.')),
    ),
    values_env: z.optional(
      z
        .record(
          z.string(),
          variable('The environment variable that holds the value.'),
          'must be a map of names and variables',
        )
        .check(
          z.describe(
            'Additional secret settings, each with the environment variable that holds it, such as aws_secret_access_key.',
          ),
        ),
    ),
  },
  'must be a map, such as: api_key_env: OPENAI_API_KEY',
);

const WRITE_ENV = z.strictObject(
  {
    file: text('A dotenv file in the folder of this file.'),
    api_key: z.optional(variable('The variable for the key. Default: OPENAI_API_KEY.')),
    base_url: z.optional(variable('The variable for the address. Default: OPENAI_BASE_URL.')),
  },
  'must be a map, such as: file: .env',
);

const LIFETIME = /^[1-9]\d{0,5}(mo|[smhdw])$/;

const KEY = z.strictObject(
  {
    models: z
      .array(text('An alias.'), 'must be a list of aliases')
      .check(
        z.minLength(1, 'must name at least one model, or all-proxy-models for all'),
        z.describe('The aliases that the key can call.'),
      ),
    duration: z.optional(
      matching(LIFETIME, 'must be a lifetime, such as 30d', 'The lifetime of the key. Default: 30d.'),
    ),
    budget_duration: z.optional(
      matching(LIFETIME, 'must be a period, such as 30d or 1mo', 'After how long the spent budget is reset.'),
    ),
    max_budget: z.optional(
      z
        .number('must be a number')
        .check(z.nonnegative('must not be negative'), z.describe('The budget in US dollars.')),
    ),
    rpm_limit: z.optional(whole('Requests per minute.')),
    tpm_limit: z.optional(whole('Tokens per minute.')),
    team_id: z.optional(text('The team that the key belongs to.')),
    write_env: z.optional(WRITE_ENV).check(z.describe('Where to write the key and the address.')),
  },
  'must be a map, such as: models: [gpt-5]',
);

const UI = z.strictObject(
  {
    username: z.optional(text("The UI's user name.")),
    password: z.optional(
      matching(
        /^(generate|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
        'must be a source: generate, env:NAME or file:PATH',
        'Where the password comes from: generate, env:NAME or file:PATH. Never the password itself.',
      ),
    ),
  },
  'must be a map, such as: username: admin',
);

const SOURCE_RULE = 'must be a value in quotes, {from: VARIABLE} or {file: PATH}';

const GATEWAY_VARIABLE = z.union(
  [
    z.string(),
    z.boolean(),
    z.int(),
    z.strictObject({ from: variable('Your environment variable with the value.') }),
    z.strictObject({ file: text('A file that is copied for the gateway; the value is the path of the copy.') }),
  ],
  SOURCE_RULE,
);

const AWS = z.strictObject(
  { profile: text('A profile of ~/.aws, which is copied for the gateway.') },
  'must be a map, such as: profile: default',
);

const ORIGIN = z.string(`must be ${AN_ORIGIN}`).check(
  z.refine((origin) => originOf(origin) !== undefined, `must be ${AN_ORIGIN}`),
  z.describe('An origin.'),
);

const entries = <Entry extends z.ZodMiniType>(entry: Entry, description: string) =>
  z.nullish(z.record(z.string(), entry, 'must be a map of names')).check(z.describe(description));

const LITELLM = z
  .union([z.string().check(z.minLength(1)), z.record(z.string(), z.unknown())], 'must be a map or the path of a file')
  .check(
    z.describe(
      "LiteLLM's own configuration (its config.yaml), as a map or as the path of a file. The gateway is started with it.",
    ),
  );

function isMemory(text: string): boolean {
  try {
    return parseMemory(text) > 0;
  } catch {
    return false;
  }
}

export const CONFIG = z.strictObject(
  {
    name: z.optional(
      text('The name that marks entries created from this file, for --prune. Default: the name of the folder.'),
    ),
    image: z.optional(
      matching(
        /^[a-z0-9][A-Za-z0-9._:/@-]*$/,
        'must be the reference of an image',
        'The LiteLLM image, for Docker. Ignored if the stack has been upgraded to a newer one.',
      ),
    ),
    memory: z.optional(
      matching(
        MEMORY_SIZE,
        'must be a size such as 1536m or 4g',
        'The memory limit of the gateway, for Docker, such as 2g. Default: 4g.',
      ).check(z.refine(isMemory, 'must be 256m or more')),
    ),
    port: z.optional(
      z
        .int('must be a port, from 1 to 65535')
        .check(
          z.minimum(1, 'must be a port, from 1 to 65535'),
          z.maximum(65_535, 'must be a port, from 1 to 65535'),
          z.describe('The port of the gateway.'),
        ),
    ),
    bind: z.optional(
      z
        .string('must be an IPv4 address')
        .check(z.refine(isIPv4, 'must be an IPv4 address'), z.describe('The address to publish it on.')),
    ),
    cors_origins: z.optional(
      z
        .array(ORIGIN, 'must be a list of origins')
        .check(z.describe('Origins whose web pages can call the gateway, besides its own.')),
    ),
    ui: z.optional(UI).check(z.describe("The login for LiteLLM's UI.")),
    env: entries(
      GATEWAY_VARIABLE,
      'Variables of the gateway: a value, {from: VARIABLE} for a secret in your environment, or {file: PATH}.',
    ),
    aws: z.optional(AWS).check(z.describe('The AWS profile that the gateway uses.')),
    proxy_from_env: z.optional(
      z
        .boolean('must be true or false')
        .check(
          z.describe(
            "Whether the gateway reaches providers through the HTTP(S)_PROXY of your environment, as a company's proxy.",
          ),
        ),
    ),
    ca: z.optional(
      text("A PEM file with a company's certificate authorities, which the gateway trusts besides the public ones."),
    ),
    providers: entries(PROVIDER, 'Provider keys and settings.'),
    aliases: entries(ALIAS, 'Models, by the names that applications call.'),
    keys: entries(KEY, 'Virtual keys.'),
    litellm: z.optional(LITELLM),
  },
  'must be a map of providers, aliases and keys',
);

export type ConfigFields = z.infer<typeof CONFIG>;

/** The names that are known where an unknown one stands. */
export function knownFields(path: readonly PropertyKey[]): readonly string[] {
  const inEntry = { providers: PROVIDER, aliases: ALIAS, keys: KEY }[String(path[0])];
  if (path.length === 0) return Object.keys(CONFIG.shape);
  if (path[0] === 'aws') return Object.keys(AWS.shape);
  if (path[0] === 'env') return path.length === 2 ? ['from', 'file'] : [];
  if (path[0] === 'ui') return Object.keys(UI.shape);
  if (path[2] === 'write_env') return Object.keys(WRITE_ENV.shape);
  if (path[2] === 'targets') return Object.keys(TARGET.shape);
  return inEntry ? Object.keys(inEntry.shape) : [];
}
