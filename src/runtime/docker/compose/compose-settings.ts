import { CliError } from '../../../model/errors.ts';
import { type LitellmFiles, packFiles } from '../../../model/litellm-files.ts';
import { formatMemory } from '../../../model/memory-limit.ts';
import { sparedHosts } from '../../../model/no-proxy.ts';
import { isSafeValue } from '../../../model/secret.ts';
import { publicUrl, type StackSpec } from '../../../model/stack-spec.ts';
import { allowedOrigins } from '../../../model/web-origins.ts';
import type { ImageCommand } from '../engine/engine-client.ts';
import { SPARED_HOSTS } from './compose-environment.ts';

/** What the settings contain besides the spec. */
export interface ComposeExtras {
  readonly revision: string;
  /** The command that LiteLLM's image runs by default; undefined if it is unknown. */
  readonly command?: ImageCommand | undefined;
  /** LiteLLM's own configuration. */
  readonly litellmFiles?: LitellmFiles | undefined;
  /** Hosts that the user excludes from the HTTP proxy. */
  readonly noProxy?: string | undefined;
  /** Whether the gateway gets certificates of authorities, which only our entry point adds to its own. */
  readonly hasAuthority?: boolean;
}

/** The text of the dotenv file with the values for Compose that are not secret. */
export function composeSettings(spec: StackSpec, extras: ComposeExtras): string {
  const { revision, command, litellmFiles, noProxy, hasAuthority } = extras;
  const values = { ...settingsValues(spec, noProxy), LITELLM_REVISION: revision };
  const start = {
    ...(command && { LITELLM_IMAGE_COMMAND: encoded(command) }),
    ...(litellmFiles && { LITELLM_FILES: packFiles(litellmFiles) }),
    ...((litellmFiles || hasAuthority) && spec.fastStart === false && { LITELLM_OWN_START: '1' }),
  };
  return Object.entries({ ...values, ...start })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** The values that docker-compose.yml and the files on top of it interpolate, except the secrets. */
export function settingsValues(spec: StackSpec, noProxy?: string): Readonly<Record<string, string>> {
  const values = {
    LITELLM_BIND: spec.bind,
    LITELLM_PORT: String(spec.port),
    LITELLM_IMAGE: spec.image,
    LITELLM_DB_IMAGE: spec.databaseImage,
    ...(spec.memory !== undefined && { LITELLM_MEMORY: formatMemory(spec.memory) }),
    ...(spec.tls && {
      LITELLM_PUBLIC_URL: publicUrl(spec),
      LITELLM_TLS_IMAGE: spec.tls.image,
      LITELLM_TLS_BIND: spec.tls.bind,
      LITELLM_TLS_HTTPS_PORT: String(spec.tls.httpsPort),
      LITELLM_TLS_HTTP_PORT: String(spec.tls.httpPort),
      LITELLM_TLS_REVISION: spec.tls.revision,
    }),
  };
  const plain = Object.entries(values).map(([name, value]) => [name, requireSafe(value)]);
  return { ...Object.fromEntries(plain), LITELLM_NO_PROXY: withoutProxy(noProxy), LITELLM_CORS_ORIGINS: origins(spec) };
}

/** Only keeps names, addresses, networks and patterns, because Compose could interpret other characters. */
function withoutProxy(noProxy: string | undefined): string {
  const hosts = (noProxy ?? '').split(',').filter((host) => /^[\w.:/*[\]-]+$/.test(host.trim()));
  return sparedHosts(hosts.join(','), SPARED_HOSTS);
}

/** Percent-encoded, because Compose would interpolate or cut some of its characters. */
function encoded(command: ImageCommand): string {
  return encodeURIComponent(JSON.stringify(command)).replaceAll("'", '%27');
}

function origins(spec: StackSpec): string {
  return allowedOrigins(spec).split(',').map(requireSafe).join(',');
}

/** Throws unless Compose takes the value literally. */
function requireSafe(value: string): string {
  if (isSafeValue(value)) return value;
  throw new CliError('usage', `"${value}" contains characters that Compose would interpret`, {
    hint: 'Use only letters, digits and _.:/@+=-',
  });
}
