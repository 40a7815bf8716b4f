import { join } from 'node:path';
import type { Context } from '../../context/context.ts';
import { MOST_TEXT } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';
import type { GatewayVariable, VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import { sectionsOfProfile } from './aws-sections.ts';

const FILES = [
  { name: 'AWS_CONFIG_FILE', file: 'config' },
  { name: 'AWS_SHARED_CREDENTIALS_FILE', file: 'credentials' },
] as const;

export interface AwsVariables {
  readonly variables: readonly GatewayVariable[];
  readonly warnings: readonly string[];
}

/** The profile, and copies of the sections of the user's AWS files that it needs, as variables of the gateway. */
export async function awsVariables(
  profile: string,
  source: VariableSource,
  { env, files, home }: Pick<Context, 'env' | 'files' | 'home'>,
): Promise<AwsVariables> {
  const places = FILES.map(({ name, file }) => ({ name, file: env[name] || join(home, '.aws', file) }));
  const texts = await Promise.all(places.map(({ file }) => files.read(file, MOST_TEXT).catch(() => undefined)));
  const sections = sectionsOfProfile(
    texts.map((text) => text ?? ''),
    profile,
  );
  const copies = places.map((place, i) => ({ ...place, text: sections[i] ?? '' })).filter(({ text }) => text !== '');
  if (copies.length === 0) throw profileMissing(profile, join(home, '.aws'));
  const isSso = copies.some(({ text }) => /^\s*sso_/m.test(text));
  return {
    variables: [
      { name: 'AWS_PROFILE', value: new Secret(profile), isSecret: false, source },
      ...copies.map(({ name, file, text }) => ({ name, value: new Secret(text), isSecret: true, source, file })),
    ],
    warnings: isSso
      ? [
          `AWS profile ${profile} uses SSO, whose tokens the gateway does not get. Give it keys instead, for example from: aws configure export-credentials --profile ${profile}`,
        ]
      : [],
  };
}

function profileMissing(profile: string, folder: string): CliError {
  return new CliError('usage', `AWS profile ${profile} not found in ${folder}`, {
    hint: 'See the profiles that exist: aws configure list-profiles',
    details: { profile, folder },
  });
}
