import { CliError } from '../../model/errors.ts';
import type { Config } from '../config/config.ts';
import { isUsualVariable } from '../config/env-variable-names.ts';
import type { ConfigFile } from './file-consent.ts';

export interface VariableFlags {
  /** Unusual names that the user allows the file to write. */
  readonly writeVariable?: readonly string[];
}

export const collectVariable = (name: string, before: readonly string[] = []) => [...before, name];

/** Refuses a file that writes keys to variables that programs may use for something else. */
export function requireUsualVariables({ config, place }: ConfigFile, { writeVariable = [] }: VariableFlags): void {
  const unusual = writtenBy(config).find(({ name }) => !isUsualVariable(name) && !writeVariable.includes(name));
  if (!unusual) return;
  const { name, file } = unusual;
  throw new CliError(
    'confirmation_needed',
    `${place.shown} writes ${name} to ${file}, but this name does not end in _API_KEY, _BASE_URL or _TOKEN`,
    {
      hint: `Give it such a name\nOr allow it with --write-variable ${name}`,
      details: { file: place.shown, variable: name, written: file },
    },
  );
}

const writtenBy = ({ keys }: Config) =>
  keys.flatMap(({ writeEnv }) =>
    writeEnv ? [writeEnv.keyVariable, writeEnv.urlVariable].map((name) => ({ name, file: writeEnv.file })) : [],
  );
