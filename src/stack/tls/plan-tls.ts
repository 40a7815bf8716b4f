import { createHash } from 'node:crypto';
import type { Invocation } from '../../context/invocation.ts';
import { parseBind } from '../../model/address.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { DEFAULT_BIND, type ReverseProxy, type StackSpec, type TlsSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { fromVariable } from '../open/plan-spec.ts';
import { chooseCertificate } from './choose-certificate.ts';
import { type TlsFiles, tlsFilesOf } from './tls-files.ts';
import { type TlsFlags, tlsNeeds } from './tls-wish.ts';

export interface PlannedTls {
  readonly spec: StackSpec;
  readonly tlsFiles: TlsFiles;
}

const DEFAULT_IMAGES: Readonly<Record<ReverseProxy, string>> = {
  nginx: 'nginx:1.28-alpine',
  traefik: 'traefik:v3.5',
};
const OPEN = '0.0.0.0';
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
  const host = flags.host ?? before?.host ?? tlsNeeds('--host', 'for which name? add --host NAME, as clients use it');
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
  const { source, pair, fingerprint, expires } = await chooseCertificate(flags, invocation, before, host);
  const tls: TlsSpec = {
    ...named,
    ...(source && { source }),
    fingerprint,
    expires: new Date(expires).toISOString(),
    revision: '',
  };
  const tlsFiles = await tlsFilesOf(invocation, { ...plain, tls }, pair);
  const revision = createHash('sha256')
    .update(JSON.stringify([named, tlsFiles]))
    .digest('hex')
    .slice(0, 24);
  return { spec: { ...plain, bind: DEFAULT_BIND, tls: { ...tls, revision } }, tlsFiles };
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
