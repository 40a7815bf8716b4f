import { isIPv4 } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../errors.ts';
import { REVERSE_PROXIES } from '../service.ts';
import { parseImage, parsePort } from './flag-values.ts';

const CHOICES = [...REVERSE_PROXIES, 'off'] as const;

/** What `up` is told of the reverse proxy with TLS; all of it is remembered. */
export interface TlsFlags {
  readonly tls?: (typeof CHOICES)[number];
  readonly host?: string;
  readonly httpsPort?: number;
  readonly httpPort?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly selfSigned?: boolean;
  readonly tlsImage?: string;
}

export function addTlsFlags(command: Command): Command {
  return command
    .addOption(new Option('--tls <proxy>', 'a reverse proxy with TLS before LiteLLM; remembered').choices(CHOICES))
    .option('--host <name>', 'with --tls: the name that clients use', parseHost)
    .option('--tls-cert <path>', 'its certificate in PEM form, the chain after it')
    .option('--tls-key <path>', 'the private key of the certificate')
    .addOption(new Option('--self-signed', 'have a certificate made').conflicts(['tlsCert', 'tlsKey']))
    .option('--https-port <port>', 'port of HTTPS (default 443)', parsePort)
    .option('--http-port <port>', 'port of HTTP, which redirects (default 80)', parsePort)
    .option('--tls-image <reference>', 'another image of the reverse proxy', parseImage);
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function parseHost(text: string): string {
  const host = text.toLowerCase();
  const labels = host.split('.');
  const isName = host.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
  if (isName || isIPv4(host)) return host;
  throw new InvalidArgumentError('A host is a name such as llm.example.com or an IPv4 address, without a port.');
}

export function tlsNeeds(flag: string, hint: string): never {
  throw new CliError('usage', `--tls needs ${flag}`, { hint });
}
