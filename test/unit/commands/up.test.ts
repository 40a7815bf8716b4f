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
])('keeps the fast-start setting of the last start unless a flag changes it: %j', async (args, fastStart) => {
  expect((await flagsOf(...args)).fastStart).toBe(fastStart);
});
