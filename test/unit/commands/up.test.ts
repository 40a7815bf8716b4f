import { Command } from 'commander';
import { expect, it } from 'vitest';
import { registerUp } from '../../../src/commands/up.ts';

const flagsOf = async (...args: string[]) => {
  const command = new Command('up');
  registerUp(command, async () => undefined);
  await command.parseAsync(args, { from: 'user' });
  return command.opts();
};

it.each([
  [[], undefined],
  [['--fast-start'], true],
  [['--no-fast-start'], false],
  [['--no-fast-start', '--fast-start'], true],
])('leaves the way of the last start as it is unless a flag says otherwise: %j', async (args, fastStart) => {
  expect((await flagsOf(...args)).fastStart).toBe(fastStart);
});
