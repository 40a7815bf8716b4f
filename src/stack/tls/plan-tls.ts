import { createHash } from 'node:crypto';
import type { Context } from '../../context/context.ts';
import type { Workplace } from '../../context/invocation.ts';
import { parseBind } from '../../model/address.ts';
import { CliError } from '../../model/errors.ts';
import { DEFAULT_BIND, type ReverseProxy, type StackSpec, type TlsSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { fromVariable } from '../open/plan-spec.ts';
import { chooseCertificate } from './choose-certificate.ts';
import { type TlsFiles, tlsFilesOf } from './tls-files.ts';
import { type TlsFlags, tlsNeeds } from './tls-flags.ts';

export interface PlannedTls {
  readonly spec: StackSpec;
  readonly tlsFiles: TlsFiles;
}

const DEFAULT_IMAGES: Readonly<Record<ReverseProxy, string>> = {
  nginx: 'nginx:1.28-alpine',
  traefik: 'traefik:v3.5',
};
const OPEN = '0.0.0.0';

/** Adds the reverse proxy to the spec, from the flags or else from the existing stack. Writes nothing. */
export async function planTls(
  flags: TlsFlags & { readonly bind?: string },
  invocation: Workplace,
  runtime: Runtime,
  { tls: before, ...plain }: StackSpec,
): Promise<PlannedTls> {
  const wanted = flags.tls ?? before?.proxy;
  if (wanted === undefined || wanted === 'off') {
    requireNoTlsFlags(flags);
    return { spec: plain, tlsFiles: {} };
  }
  await requireSupport(runtime);
  const named = namedTls(wanted, flags, invocation.context.env, before);
  requireDistinct([plain.port, named.httpsPort, named.httpPort]);
  const { source, pair, fingerprint, expires } = await chooseCertificate(flags, invocation, before, named.host);
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

/** The settings of the reverse proxy from the flags, or else from the existing stack, or else the defaults. */
function namedTls(
  proxy: ReverseProxy,
  flags: TlsFlags & { readonly bind?: string },
  env: Context['env'],
  before: TlsSpec | undefined,
) {
  const known = before?.proxy === proxy ? before : undefined;
  return {
    proxy,
    host: flags.host ?? before?.host ?? tlsNeeds('--host', 'Add the name that clients use: --host NAME'),
    bind: flags.bind ?? fromVariable(env, 'AGENTS_LLM_BIND', parseBind) ?? before?.bind ?? OPEN,
    httpsPort: flags.httpsPort ?? before?.httpsPort ?? 443,
    httpPort: flags.httpPort ?? before?.httpPort ?? 80,
    image: flags.tlsImage ?? known?.image ?? DEFAULT_IMAGES[proxy],
  };
}

async function requireSupport(runtime: Runtime): Promise<void> {
  if (runtime.kind === 'native') {
    throw new CliError('tls_unsupported', 'The native runtime has no reverse proxy, so --tls needs Docker', {
      hint: 'Put your own reverse proxy in front of the gateway\nOr create another stack under Docker: agents-llm -p NAME up --runtime docker',
      details: { runtime: runtime.kind },
    });
  }
  const endpoint = await runtime.endpoint();
  if (/^(unix|npipe):/.test(endpoint)) return;
  throw new CliError(
    'tls_unsupported',
    `The Docker engine at ${endpoint} is on another machine and cannot read the certificate on this one`,
    {
      hint: 'Run the same command on that machine',
      details: { endpoint },
    },
  );
}

function requireNoTlsFlags(flags: TlsFlags): void {
  const given = (['host', 'httpsPort', 'httpPort', 'tlsCert', 'tlsKey', 'selfSigned', 'tlsImage'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (given === undefined) return;
  const flag = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new CliError('usage', `${flag} needs a stack with TLS`, {
    hint: `Choose a reverse proxy: agents-llm up --tls nginx --host NAME\nOr leave out ${flag}`,
  });
}

function requireDistinct(ports: readonly number[]): void {
  if (new Set(ports).size === ports.length) return;
  throw new CliError('usage', `--port, --https-port and --http-port must be different but are ${ports.join(', ')}`, {
    hint: 'Choose another number for one of them',
  });
}
