import type { Operation } from '../../context/invocation.ts';
import {
  effectiveVariables,
  type GatewayVariable,
  renderEnvironment,
  secretsOfEnvironment,
} from '../../model/gateway-environment.ts';
import { readEnvironment } from '../../project/environment.ts';
import { awsVariables } from './aws-profile.ts';
import { readEnvFiles } from './env-files.ts';
import type { EnvironmentFlags } from './environment-flags.ts';
import { networkVariables } from './network-variables.ts';
import { keptFrom, type Sources, variablesOfConfig, variablesOfFlags } from './variable-values.ts';

/** The variables that the gateway gets in addition to the stack's own. */
export interface PlannedEnvironment {
  readonly variables: readonly GatewayVariable[];
  /** Whether they differ from those of the last `up`. */
  readonly isChanged: boolean;
  readonly warnings: readonly string[];
}

type Given = Pick<Operation, 'context' | 'settings' | 'redaction'>;

/** Reads everything that flags and agents-llm.yaml name, but writes nothing. The secrets among it are redacted in all output. */
export async function planEnvironment(flags: EnvironmentFlags, invocation: Given): Promise<PlannedEnvironment> {
  const { context, settings, redaction } = invocation;
  const kept = await readEnvironment(context.files, settings.paths);
  const sources: Sources = { context, kept };
  const parts = await Promise.all([
    // First, so that a variable that is given explicitly replaces them.
    networkVariables(flags, sources),
    configVariables(flags, sources),
    envFileVariables(flags, sources),
    flagVariables(flags, sources),
  ]);
  const variables = parts.flatMap((part) => part.variables);
  redaction.add(secretsOfEnvironment(variables));
  return {
    variables,
    isChanged: renderEnvironment(variables) !== renderEnvironment(kept),
    warnings: [...parts.flatMap((part) => part.warnings), ...hiddenVariables(variables)],
  };
}

type Part = Pick<PlannedEnvironment, 'variables' | 'warnings'>;

async function configVariables({ configEnvironment }: EnvironmentFlags, sources: Sources): Promise<Part> {
  if (!configEnvironment) return { variables: keptFrom(sources, 'config'), warnings: [] };
  const { awsProfile } = configEnvironment;
  const own = await variablesOfConfig(configEnvironment, sources);
  const aws = awsProfile === undefined ? undefined : await awsVariables(awsProfile, 'config', sources.context);
  return { variables: [...(aws?.variables ?? []), ...own], warnings: aws?.warnings ?? [] };
}

async function envFileVariables({ envFile }: EnvironmentFlags, sources: Sources): Promise<Part> {
  if (!envFile) return { variables: keptFrom(sources, 'env-file'), warnings: [] };
  return readEnvFiles(envFile, sources);
}

const AWS_NAMES = ['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];

async function flagVariables({ env, awsProfile }: EnvironmentFlags, sources: Sources): Promise<Part> {
  const before = keptFrom(sources, 'flag');
  const isAws = ({ name }: GatewayVariable) => AWS_NAMES.includes(name);
  const own = env ? variablesOfFlags(env, sources) : before.filter((variable) => !isAws(variable));
  if (awsProfile === undefined) return { variables: [...before.filter(isAws), ...own], warnings: [] };
  if (awsProfile === 'off') return { variables: own, warnings: [] };
  const aws = await awsVariables(awsProfile, 'flag', sources.context);
  return { variables: [...aws.variables, ...own], warnings: aws.warnings };
}

/** Warns about variables of agents-llm.yaml that an earlier flag overrides, because such a flag is easily forgotten. */
function hiddenVariables(variables: readonly GatewayVariable[]): readonly string[] {
  const effective = new Map(effectiveVariables(variables).map((variable) => [variable.name, variable]));
  return variables.flatMap(({ name, source, network }) => {
    const by = effective.get(name);
    if (source !== 'config' || network || !by || by.source === 'config') return [];
    const flag = by.network ? '--proxy-from-env' : by.source === 'flag' ? '--env' : '--env-file';
    const removal = by.network ? '--no-proxy-from-env' : `${flag} off`;
    return [
      `${name} of agents-llm.yaml is not used, because ${flag} set it too. Remove that: agents-llm up ${removal}`,
    ];
  });
}
