import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/command-table.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('names those commands that take another LiteLLM', async () => {
  const [, sentence = ''] = /^(.*) work as well against any LiteLLM/m.exec(README) ?? [];
  const named = [...sentence.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  const taking: string[] = [];
  for (const { name, load } of COMMANDS) {
    const command = new Command(name);
    (await load())(command, async () => {});
    const all = [command, ...command.commands];
    if (all.some(({ options }) => options.some(({ long }) => long === '--base-url'))) taking.push(name);
  }
  expect(named).toEqual(taking);
});
