import { isIPv4 } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { REVERSE_PROXIES } from '../model/stack-spec.ts';
import { HTTPS } from './command-help.ts';
import { parseImage, portArgument } from './flag-values.ts';

export function addTlsFlags(command: Command): Command {
  return command
    .optionsGroup(HTTPS)
    .addOption(new Option('--tls <proxy>', 'a reverse proxy that serves HTTPS').choices([...REVERSE_PROXIES, 'off']))
    .option('--host <name>', 'with --tls: the name that clients use', parseHost)
    .option('--tls-cert <path>', 'certificate (PEM), followed by its chain')
    .option('--tls-key <path>', 'private key of the certificate (PEM)')
    .addOption(new Option('--self-signed', 'create a self-signed certificate').conflicts(['tlsCert', 'tlsKey']))
    .option('--https-port <port>', 'HTTPS port (default 443)', portArgument)
    .option('--http-port <port>', 'HTTP port, which redirects to HTTPS (default 80)', portArgument)
    .option('--tls-image <reference>', 'another image of the reverse proxy', parseImage);
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function parseHost(text: string): string {
  const host = text.toLowerCase();
  const labels = host.split('.');
  const isName = host.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
  if (isName || isIPv4(host)) return host;
  throw new InvalidArgumentError('A host is a name such as llm.example.com or an IPv4 address, without a port');
}
