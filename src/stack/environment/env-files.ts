import { resolve } from 'node:path';
import { readGiven } from '../../io/files/read-given.ts';
import { isSecretVariable, looksRandom } from '../../litellm/config/config-secrets.ts';
import { isTracked } from '../../litellm/keys/env-file.ts';
import { CliError } from '../../model/errors.ts';
import type { GatewayVariable } from '../../model/gateway-environment.ts';
import { variableProblem } from '../../model/owned-variables.ts';
import { type EnvLine, parseEnvFile } from '../../text/env-file.ts';
import { requireFrom, requireUsable, type Sources } from './variable-values.ts';

const MOST_SHOWN = 10;

/** Reads the variables of dotenv files, where the last of a name counts. Warns about each file that git tracks. */
export async function readEnvFiles(paths: readonly string[], sources: Sources) {
  const byName = new Map<string, GatewayVariable>();
  const warnings: string[] = [];
  for (const path of paths) {
    const lines = await readLines(path, sources);
    for (const line of lines) {
      const variable = toVariable(line, path, sources);
      byName.set(variable.name, variable);
    }
    const hasSecret = lines.some(({ name, value }) => value !== undefined && isSecret(name, value));
    if (hasSecret && (await isTracked(resolve(sources.context.cwd, path), sources.context))) {
      warnings.push(`${path} contains secrets, but git tracks it. Remove it from git: git rm --cached ${path}`);
    }
  }
  return { variables: [...byName.values()], warnings };
}

async function readLines(path: string, { context: { cwd, files } }: Sources): Promise<readonly EnvLine[]> {
  const text = await readGiven(files, resolve(cwd, path), (why) => unreadable(path, why));
  const parsed = parseEnvFile(text);
  if (!parsed.ok) throw invalid(path, [`${path}:${parsed.line}: the line ${parsed.problem}`]);
  const problems = parsed.lines.flatMap(({ line, name }) => {
    const problem = variableProblem(name);
    return problem === undefined ? [] : [`${path}:${line}: ${name} ${problem}`];
  });
  if (problems.length > 0) throw invalid(path, problems);
  return parsed.lines;
}

function toVariable({ name, value }: EnvLine, path: string, sources: Sources): GatewayVariable {
  const source = 'env-file';
  if (value === undefined) return requireFrom({ name, from: name, source, takenBy: path }, sources, { file: path });
  return { name, value: requireUsable(name, value), isSecret: isSecret(name, value), source };
}

const isSecret = (name: string, value: string) => isSecretVariable(name, value) || looksRandom(value);

function unreadable(path: string, why: string): CliError {
  return new CliError('usage', `The env file ${path} cannot be read (${why})`, {
    hint: 'Name another file with --env-file PATH',
    details: { file: path },
  });
}

function invalid(path: string, problems: readonly string[]): CliError {
  const more = problems.length > MOST_SHOWN ? [`${problems.length - MOST_SHOWN} more`] : [];
  return new CliError('usage', [...problems.slice(0, MOST_SHOWN), ...more], {
    hint: `Remove or correct these lines of ${path}, then run the same command again`,
    details: { file: path },
  });
}
