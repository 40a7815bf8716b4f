import { join } from 'node:path';
import type { Context } from '../../context/context.ts';
import { MOST_TEXT } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';
import type { GatewayVariable, VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';

const FILES = [
  { name: 'AWS_CONFIG_FILE', file: 'config' },
  { name: 'AWS_SHARED_CREDENTIALS_FILE', file: 'credentials' },
] as const;

export interface AwsVariables {
  readonly variables: readonly GatewayVariable[];
  readonly warnings: readonly string[];
}

/** Copies of the user's AWS files and the profile, as variables of the gateway. */
export async function awsVariables(
  profile: string,
  source: VariableSource,
  { env, files, home }: Pick<Context, 'env' | 'files' | 'home'>,
): Promise<AwsVariables> {
  const optionalCopies = await Promise.all(
    FILES.map(async ({ name, file }) => {
      const path = env[name] || join(home, '.aws', file);
      const text = await files.read(path, MOST_TEXT).catch(() => undefined);
      return text === undefined ? undefined : { name, file: path, text };
    }),
  );
  const copies = optionalCopies.filter((copy) => copy !== undefined);
  const section = copies.map(({ text }) => sectionOf(text, profile)).filter((text) => text !== undefined);
  if (section.length === 0) throw profileMissing(profile, join(home, '.aws'));
  const isSso = section.some((text) => /^\s*sso_/m.test(text));
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

function sectionOf(text: string, profile: string): string | undefined {
  const sections = text.split(/^(?=\s*\[)/m);
  return sections.find((section) => {
    const name = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(section)?.[1];
    return name?.replace(/^(["'])(.*)\1$/, '$2') === profile;
  });
}

function profileMissing(profile: string, folder: string): CliError {
  return new CliError('usage', `AWS profile ${profile} not found in ${folder}`, {
    hint: 'See the profiles that exist: aws configure list-profiles',
    details: { profile, folder },
  });
}
