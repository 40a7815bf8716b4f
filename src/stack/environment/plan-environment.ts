import type { Operation } from '../../context/invocation.ts';
import {
  effectiveVariables,
  type GatewayVariable,
  renderEnvironment,
  secretsOfEnvironment,
  type VariableSource,
} from '../../model/gateway-environment.ts';
import { readEnvironment } from '../../project/environment.ts';
import { awsVariables } from './aws-profile.ts';
import { readEnvFiles } from './env-files.ts';
import type { EnvironmentFlags } from './environment-flags.ts';
import { networkVariables } from './network-variables.ts';
import { type Sources, variablesOfConfig, variablesOfFlags } from './variable-values.ts';

/** The variables that the gateway is to have beside the stack's own. */
export interface PlannedEnvironment {
  readonly variables: readonly GatewayVariable[];
  /** Whether they differ from those of the last `up`. */
  readonly isChanged: boolean;
  readonly warnings: readonly string[];
}

type Given = Pick<Operation, 'context' | 'settings' | 'redaction'>;

/** Reads all that flags and agents-llm.yaml name, and writes nothing. From here on its secrets are redacted in all output. */
export async function planEnvironment(flags: EnvironmentFlags, invocation: Given): Promise<PlannedEnvironment> {
  const { context, settings, redaction } = invocation;
  const kept = await readEnvironment(context.files, settings.paths);
  const sources: Sources = { context, kept };
  const parts = await Promise.all([
    // First, so that a variable that is named by itself takes their place.
    networkVariables(flags, sources),
    ofConfig(flags, sources),
    ofEnvFiles(flags, sources),
    ofFlags(flags, sources),
  ]);
  const variables = parts.flatMap((part) => part.variables);
  redaction.add(secretsOfEnvironment(variables));
  return {
    variables,
    isChanged: renderEnvironment(variables) !== renderEnvironment(kept),
    warnings: [...parts.flatMap((part) => part.warnings), ...hiddenBy(variables)],
  };
}

type Part = Pick<PlannedEnvironment, 'variables' | 'warnings'>;

const isNamed = ({ network }: GatewayVariable) => network === undefined;

const ofSource = ({ kept }: Sources, source: VariableSource) => kept.filter((one) => one.source === source);

async function ofConfig({ configEnvironment }: EnvironmentFlags, sources: Sources): Promise<Part> {
  if (!configEnvironment) return { variables: ofSource(sources, 'config').filter(isNamed), warnings: [] };
  const { awsProfile } = configEnvironment;
  const own = await variablesOfConfig(configEnvironment, sources);
  const aws = awsProfile === undefined ? undefined : await awsVariables(awsProfile, 'config', sources.context);
  return { variables: [...(aws?.variables ?? []), ...own], warnings: aws?.warnings ?? [] };
}

async function ofEnvFiles({ envFile }: EnvironmentFlags, sources: Sources): Promise<Part> {
  if (!envFile) return { variables: ofSource(sources, 'env-file'), warnings: [] };
  return readEnvFiles(envFile, sources);
}

const AWS_NAMES = ['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];

async function ofFlags({ env, awsProfile }: EnvironmentFlags, sources: Sources): Promise<Part> {
  const before = ofSource(sources, 'flag').filter(isNamed);
  const isOfAws = ({ name }: GatewayVariable) => AWS_NAMES.includes(name);
  const own = env ? variablesOfFlags(env, sources) : before.filter((one) => !isOfAws(one));
  if (awsProfile === undefined) return { variables: [...before.filter(isOfAws), ...own], warnings: [] };
  if (awsProfile === 'off') return { variables: own, warnings: [] };
  const aws = await awsVariables(awsProfile, 'flag', sources.context);
  return { variables: [...aws.variables, ...own], warnings: aws.warnings };
}

/** A variable of agents-llm.yaml that an earlier flag hides, which is easily forgotten. */
function hiddenBy(variables: readonly GatewayVariable[]): readonly string[] {
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
