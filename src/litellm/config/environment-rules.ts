import { variableProblem } from '../../model/owned-variables.ts';
import type { BrokenRule } from './broken-rule.ts';
import type { ConfigFields } from './config-schema.ts';
import { isSecretVariable, looksRandom } from './config-secrets.ts';

type Variables = NonNullable<ConfigFields['env']>;

/** The broken rules of the gateway's variables. */
export function environmentRules(variables: Variables): BrokenRule[] {
  return Object.entries(variables).flatMap(([name, value]): BrokenRule[] => {
    const path = ['env', name];
    const problem = variableProblem(name);
    if (problem !== undefined) return [{ path, ofName: true, message: problem }];
    if (typeof value === 'object') {
      if ('from' in value && looksRandom(value.from))
        return [{ path: [...path, 'from'], secret: true, message: TO_NAME }];
      return [];
    }
    if (String(value).includes('\0')) return [{ path, message: 'contains a null character' }];
    return isSecretVariable(name, String(value))
      ? [{ path, secret: true, message: `this is a secret: write {from: ${name}} to take it from your environment` }]
      : [];
  });
}

const TO_NAME = 'this is a secret, but the name of an environment variable is needed';

/** `os.environ/NAME` in the parameters of an alias must name a variable of `env`, because LiteLLM reads its own environment. */
export function unknownReferences(value: unknown, path: readonly PropertyKey[], variables: Variables): BrokenRule[] {
  if (typeof value === 'string') {
    const name = /^os\.environ\/([A-Za-z_][A-Za-z0-9_]*)$/.exec(value)?.[1];
    if (name === undefined || Object.hasOwn(variables, name)) return [];
    const problem = variableProblem(name);
    const message =
      problem === undefined
        ? `the gateway has no variable ${name}: add it to env`
        : "this would read the gateway's own secrets: name a variable of env";
    return [{ path, message }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => unknownReferences(inner, [...path, name], variables));
}
