import { Command, CommanderError, Option } from 'commander';
import { expect, test } from 'vitest';
import { portArgument } from '../../../src/cli/flag-values.ts';
import { usageMessage } from '../../../src/cli/usage-message.ts';

/** What commander itself says of a command line, in our words. */
async function saidOf(words: readonly string[]): Promise<string> {
  const program = new Command('agents-llm').exitOverride().configureOutput({ writeErr: () => {} });
  program
    .command('up')
    .argument('[service]', 'a service', portArgument)
    .option('--port <port>', 'port', portArgument)
    .addOption(new Option('--pull <policy>', 'when').choices(['missing', 'always', 'never']))
    .addOption(new Option('--self-signed', 'own').conflicts('port'))
    .action(() => {});
  program.command('name <name>').action(() => {});
  program
    .command('test')
    .requiredOption('--model <model>', 'model')
    .action(() => {});
  const error = await program.parseAsync(words, { from: 'user' }).catch((thrown: unknown) => thrown);
  if (!(error instanceof CommanderError)) throw new Error('commander took it', { cause: error });
  return usageMessage(error.message, 'agents-llm');
}

test.each([
  ['upp', 'Unknown command upp. Did you mean up?'],
  ['nonsense', 'Unknown command nonsense'],
  ['ps', 'Unknown command ps. Did you mean status?'],
  ['constructor', 'Unknown command constructor'],
  ['up --prot 1', 'Unknown option --prot. Did you mean --port?'],
  ['up --nonsense', 'Unknown option --nonsense'],
  ['up --port', 'Option --port <port> needs a value'],
  ['up --port x', 'Invalid value "x" for --port <port>. A port is a number from 1 to 65535'],
  ['up --port API_TOKEN=a=b', 'Invalid value "API_TOKEN=…" for --port <port>. A port is a number from 1 to 65535'],
  ['up A=b', 'Invalid value "A=…" for <service>. A port is a number from 1 to 65535'],
  ['up x', 'Invalid value "x" for <service>. A port is a number from 1 to 65535'],
  [
    'up --pull alway',
    'Invalid value "alway" for --pull <policy>. Allowed choices are missing, always, never. Did you mean always?',
  ],
  ['up --pull x', 'Invalid value "x" for --pull <policy>. Allowed choices are missing, always, never'],
  ['up --self-signed --port 1', 'Option --self-signed cannot be used with --port <port>'],
  ['up 1 2', 'Too many arguments for up: expected 1 but got 2'],
  ['name', 'Missing argument <name>'],
  ['test', 'Missing option --model <model>'],
])('%s', async (line, said) => {
  expect(await saidOf(line.split(' '))).toBe(said);
});
