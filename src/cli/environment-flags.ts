import { type Command, InvalidArgumentError } from 'commander';
import { isSecretVariable } from '../litellm/config/config-secrets.ts';
import type { GivenVariable } from '../model/gateway-environment.ts';
import { variableProblem } from '../model/owned-variables.ts';

export function addEnvironmentFlags(command: Command): Command {
  return command
    .option(
      '--env <name[=value]>',
      'variable of the gateway, by its name alone from your environment; off removes them (repeatable)',
      parseVariable,
    )
    .option('--env-file <path>', 'variables of the gateway from a dotenv file; off removes them (repeatable)', addFile)
    .option('--aws-profile <name>', 'give the gateway a copy of ~/.aws and this profile; off removes it')
    .option('--proxy-from-env', 'reach providers through HTTP(S)_PROXY of your environment')
    .option('--no-proxy-from-env', 'reach providers without an HTTP proxy')
    .option('--ca <file>', "PEM file with your company's certificate authority; off removes it", (path) => path);
}

function parseVariable(text: string, previous: readonly GivenVariable[] = []): readonly GivenVariable[] {
  if (text === 'off') return [];
  const [, name = text, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const problem = variableProblem(name);
  // The text is not repeated, because it may be a pasted secret.
  if (problem === 'is not the name of a variable') throw new InvalidArgumentError('Use NAME or NAME=VALUE');
  if (problem !== undefined) throw new InvalidArgumentError(`${name} ${problem}`);
  if (value !== undefined && isSecretVariable(name, value)) {
    throw new InvalidArgumentError(
      `${name} is a secret, but others can read command lines. Take it from your environment: --env ${name}`,
    );
  }
  return [...previous.filter((one) => one.name !== name), { name, value }];
}

function addFile(path: string, previous: readonly string[] = []): readonly string[] {
  return path === 'off' ? [] : [...previous, path];
}
