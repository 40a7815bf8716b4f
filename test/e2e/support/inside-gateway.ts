import { readFileSync } from 'node:fs';
import type { Cli } from './cli.ts';
import { docker } from './docker.ts';
import { recordOf, type StackUnderTest } from './stack-under-test.ts';

type Runtime = Pick<StackUnderTest, 'runtime'>;

/** The environment variables of the running gateway. */
export function environmentInGateway(
  { runtime }: Runtime,
  cli: Cli,
  project: string,
): Readonly<Record<string, string>> {
  const text =
    runtime === 'docker'
      ? docker('exec', `${project}-litellm-1`, 'cat', '/proc/1/environ')
      : readFileSync(`/proc/${recordOf(cli, project, 'litellm').child.pid}/environ`, 'utf8');
  const cut = (line: string) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)];
  return Object.fromEntries(text.split('\0').map(cut));
}

/** A file as the gateway sees it. */
export const readInGateway = ({ runtime }: Runtime, project: string, path = ''): string =>
  runtime === 'docker' ? docker('exec', `${project}-litellm-1`, 'cat', path) : readFileSync(path, 'utf8').trim();
