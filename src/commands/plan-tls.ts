import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { CliError } from '../errors.ts';
import { templatesFolder } from '../paths.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { DEFAULT_BIND, publicUrl, type ReverseProxy, type StackSpec, type TlsSpec } from '../service.ts';
import { commandLine } from '../settings.ts';
import { type CertificatePaths, checkCertificate, readCertificate } from '../stack/certificate.ts';
import { type KeyPair, selfSigned } from '../stack/self-signed.ts';
import { guardWrite } from '../stack/state-folder.ts';
import { parseBind } from './flag-values.ts';
import type { Invocation } from './invocation.ts';
import type { TlsFlags } from './tls-flags.ts';
import { fromVariable } from './up-plan.ts';

/** What a reverse proxy is given, by the names in the project's folder `tls`. */
export type TlsFiles = Readonly<Record<string, string>>;

export interface PlannedTls {
  readonly spec: StackSpec;
  readonly tlsFiles: TlsFiles;
}

const DEFAULT_IMAGES: Readonly<Record<ReverseProxy, string>> = {
  nginx: 'nginx:1.28-alpine',
  traefik: 'traefik:v3.5',
};
const CONFIGURATION: Readonly<Record<ReverseProxy, string>> = { nginx: 'nginx.conf', traefik: 'traefik.yml' };
const OPEN = '0.0.0.0';
/** A certificate of our own is made anew this long before its end. */
const RENEW_MS = 30 * 24 * 3600 * 1000;

/** The spec with its reverse proxy: as the flags have it, else as it was. Writes nothing. */
export async function planTls(
  flags: TlsFlags & { readonly bind?: string },
  invocation: Invocation,
  runtime: Runtime,
  { tls: before, ...plain }: StackSpec,
): Promise<PlannedTls> {
  const wanted = flags.tls ?? before?.proxy;
  if (wanted === undefined || wanted === 'off') {
    requireNoTlsFlags(flags, plain.project);
    return { spec: plain, tlsFiles: {} };
  }
  await requireSupport(runtime, plain.project);
  const known = before?.proxy === wanted ? before : undefined;
  const host = flags.host ?? before?.host ?? missing('--host', 'for which name? add --host NAME, as clients use it');
  const { env } = invocation.context;
  const named = {
    proxy: wanted,
    host,
    bind: flags.bind ?? fromVariable(env, 'AGENTS_LLM_BIND', parseBind) ?? before?.bind ?? OPEN,
    httpsPort: flags.httpsPort ?? before?.httpsPort ?? 443,
    httpPort: flags.httpPort ?? before?.httpPort ?? 80,
    image: flags.tlsImage ?? known?.image ?? DEFAULT_IMAGES[wanted],
  };
  requireDistinct([plain.port, named.httpsPort, named.httpPort]);
  const source = sourceOf(flags, before, invocation);
  const pair = source
    ? await readCertificate(invocation.context.files, source)
    : await ownPair(invocation, host, before?.source === undefined);
  const paths = source ?? ownPaths(invocation);
  const { fingerprint, expires } = checkCertificate(pair, paths, host, invocation.context.clock.now());
  const tls: TlsSpec = {
    ...named,
    ...(source && { source }),
    fingerprint,
    expires: new Date(expires).toISOString(),
    revision: '',
  };
  const tlsFiles = await filesOf(invocation, { ...plain, tls }, pair);
  const revision = createHash('sha256')
    .update(JSON.stringify([named, tlsFiles]))
    .digest('hex')
    .slice(0, 24);
  return { spec: { ...plain, bind: DEFAULT_BIND, tls: { ...tls, revision } }, tlsFiles };
}

/** Only what has changed. */
export async function writeTlsFiles({ context: { files }, settings }: Invocation, tlsFiles: TlsFiles): Promise<void> {
  const folder = settings.paths.tls;
  if (Object.keys(tlsFiles).length > 0) await guardWrite(folder, () => files.makeFolder(folder));
  for (const [name, text] of Object.entries(tlsFiles)) {
    const path = join(folder, name);
    if ((await files.read(path)) !== text) await guardWrite(path, () => files.write(path, text, 0o600));
  }
}

const ownPaths = ({ settings }: Invocation): CertificatePaths => ({
  certificate: join(settings.paths.tls, 'cert.pem'),
  key: join(settings.paths.tls, 'key.pem'),
});

function sourceOf(flags: TlsFlags, before: TlsSpec | undefined, { context }: Invocation): TlsSpec['source'] {
  if (flags.selfSigned) return undefined;
  const { tlsCert, tlsKey } = flags;
  if (tlsCert === undefined && tlsKey === undefined) {
    return before
      ? before.source
      : missing('--tls-cert', 'which certificate? --tls-cert PATH --tls-key PATH, or --self-signed');
  }
  if (tlsKey === undefined) return missing('--tls-key', 'name the key of the certificate: --tls-key PATH');
  if (tlsCert === undefined) return missing('--tls-cert', 'name the certificate of the key: --tls-cert PATH');
  return { certificate: resolve(context.cwd, tlsCert), key: resolve(context.cwd, tlsKey) };
}

/** The one that was made before, as long as it is for this host and not near its end. */
async function ownPair(invocation: Invocation, host: string, isOwn: boolean): Promise<KeyPair> {
  const { files, clock, randomBytes } = invocation.context;
  const paths = ownPaths(invocation);
  const [certificate, key] = await Promise.all([files.read(paths.certificate), files.read(paths.key)]);
  const kept = isOwn && certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
  try {
    if (kept) checkCertificate(kept, paths, host, clock.now() + RENEW_MS);
    if (kept) return kept;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  return selfSigned(host, clock.now(), randomBytes(16));
}

async function filesOf(
  { context: { files } }: Invocation,
  spec: StackSpec & { tls: TlsSpec },
  pair: KeyPair,
): Promise<TlsFiles> {
  const name = CONFIGURATION[spec.tls.proxy];
  const template = (await files.read(join(templatesFolder(), 'tls', name))) ?? '';
  const authority = publicUrl(spec).slice('https://'.length);
  const configuration = template
    .replaceAll('@AUTHORITY@', authority)
    .replaceAll('@HTTPS_PORT@', `${spec.tls.httpsPort}`);
  return { 'cert.pem': pair.certificate, 'key.pem': pair.key, [name]: configuration };
}

async function requireSupport(runtime: Runtime, project: string): Promise<void> {
  if (runtime.kind === 'native') {
    throw new CliError('tls_unsupported', 'the native runtime has no reverse proxy: --tls needs Docker', {
      hint: `put one of your own before it, or run another stack under Docker: ${commandLine(project, 'up --runtime docker')}`,
      details: { runtime: runtime.kind },
    });
  }
  const endpoint = await runtime.endpoint();
  if (/^(unix|npipe):/.test(endpoint)) return;
  throw new CliError(
    'tls_unsupported',
    `the engine at ${endpoint} is on another machine, and cannot read the certificate here`,
    {
      hint: 'run the same command on that machine',
      details: { endpoint },
    },
  );
}

function requireNoTlsFlags(flags: TlsFlags, project: string): void {
  const given = (['host', 'httpsPort', 'httpPort', 'tlsCert', 'tlsKey', 'selfSigned', 'tlsImage'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (given === undefined) return;
  const flag = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new CliError('usage', `${flag} is for a stack with TLS`, {
    hint: `name the reverse proxy: ${commandLine(project, 'up --tls nginx --host NAME')}, or leave ${flag} out`,
  });
}

function requireDistinct(ports: readonly number[]): void {
  if (new Set(ports).size === ports.length) return;
  throw new CliError('usage', `--port, --https-port and --http-port must differ, and are ${ports.join(', ')}`, {
    hint: 'give one of them another number',
  });
}

function missing(flag: string, hint: string): never {
  throw new CliError('usage', `--tls needs ${flag}`, { hint });
}
