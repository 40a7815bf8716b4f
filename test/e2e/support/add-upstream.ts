import { expect } from 'vitest';
import type { Cli } from './cli.ts';
import type { Upstream } from './upstream.ts';

/** Gives the stack of a project the provider `up`, which is that upstream, and the alias `gpt-5` for it. */
export async function addUpstream(cli: Cli, project: string, { url }: Pick<Upstream, 'url'>): Promise<void> {
  const key = ['--from-env', 'UPSTREAM_KEY', '--api-base', url];
  const provider = await cli.run(['-p', project, 'provider', 'add', 'up', '--provider', 'openai', ...key], {
    UPSTREAM_KEY: 'sk-upstream-key-1',
  });
  expect(provider.code).toBe(0);
  const alias = ['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'up'];
  expect((await cli.run(['-p', project, ...alias])).code).toBe(0);
}
