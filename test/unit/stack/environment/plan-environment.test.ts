import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../../../src/context/invocation.ts';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { readEnvironment } from '../../../../src/project/environment.ts';
import { environmentDifference, environmentOfConfig } from '../../../../src/stack/environment/config-environment.ts';
import type { EnvironmentFlags } from '../../../../src/stack/environment/environment-flags.ts';
import { planEnvironment } from '../../../../src/stack/environment/plan-environment.ts';
import { rememberEnvironment } from '../../../../src/stack/environment/remember-environment.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRunner } from '../../../support/fake-runner.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
});

type Env = Record<string, string>;

const invocationWith = (env: Env, tracked?: boolean): Invocation => {
  const line = `git -C ${home} -c core.fsmonitor=false ls-files --error-unmatch -- .env`;
  const git = { line, result: { exitCode: tracked ? 0 : 1 } };
  return fakeInvocation({ home, env, runner: fakeRunner(tracked === undefined ? [] : [git]) });
};

async function plan(flags: EnvironmentFlags, env: Env = {}, tracked?: boolean) {
  const invocation = invocationWith(env, tracked);
  const planned = await planEnvironment(flags, invocation);
  const values = Object.fromEntries(planned.variables.map(({ name, value }) => [name, value.reveal()]));
  return { ...planned, values, invocation };
}

/** Plans and writes, as `up` does. */
async function up(flags: EnvironmentFlags, env: Env = {}, tracked?: boolean) {
  const planned = await plan(flags, env, tracked);
  await mkdir(planned.invocation.settings.paths.folder, { recursive: true });
  await rememberEnvironment(planned.invocation, planned);
  return planned;
}

const PLACE = () => ({ path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home });
const config = (text: string): EnvironmentFlags => ({
  configEnvironment: environmentOfConfig(parseConfig(`name: x\n${text}`, PLACE()), PLACE(), home),
});

describe('variables in agents-llm.yaml', () => {
  const TEXT = 'env:\n  LOG: debug\n  SECRET_KEY: {from: MY_KEY}\n';

  test('come as values and from the environment, and the latter are secret and redacted', async () => {
    const { values, variables, isChanged, invocation } = await plan(config(TEXT), { MY_KEY: 'a-secret-value' });
    expect(values).toEqual({ LOG: 'debug', SECRET_KEY: 'a-secret-value' });
    expect(variables.map(({ isSecret }) => isSecret)).toEqual([false, true]);
    expect(isChanged).toBe(true);
    expect(invocation.redaction.apply('is a-secret-value')).toBe('is [redacted]');
  });

  test('stay unchanged the second time, also in a shell without the variable', async () => {
    await up(config(TEXT), { MY_KEY: 'a-secret-value' });
    expect(await plan(config(TEXT))).toMatchObject({ isChanged: false, values: { SECRET_KEY: 'a-secret-value' } });
    expect(await plan({})).toMatchObject({ isChanged: false, values: { SECRET_KEY: 'a-secret-value' } });
    expect((await plan(config(TEXT), { MY_KEY: 'another-value' })).isChanged).toBe(true);
  });

  test('disappear with their line, and the file disappears with the last one', async () => {
    await up(config(TEXT), { MY_KEY: 'a-secret-value' });
    expect((await up(config('env:\n  LOG: debug\n'))).values).toEqual({ LOG: 'debug' });
    expect(await up(config(''))).toMatchObject({ values: {}, isChanged: true });
    const { context, settings } = invocationWith({});
    expect(await context.files.owner(settings.paths.environment)).toBeUndefined();
  });

  test.each([{}, { MY_KEY: '' }])('must be set before anything starts: %j', async (env) => {
    expect(await caught(() => plan(config(TEXT), env))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'Environment variable MY_KEY is not set, but env.SECRET_KEY in agents-llm.yaml takes its value from it',
      hint: 'Set MY_KEY, then run the same command again',
    });
  });

  test('can refer to a file, which is copied', async () => {
    const text = config('env:\n  GOOGLE_APPLICATION_CREDENTIALS: {file: ./sa.json}\n');
    expect(await caught(() => plan(text))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: `Cannot read ${join(home, 'sa.json')}, which GOOGLE_APPLICATION_CREDENTIALS names (ENOENT)`,
      hint: 'Correct the path, then run the same command again',
    });
    await writeFile(join(home, 'sa.json'), '{"private_key": "a-secret-value"}');
    const { variables } = await up(text);
    expect(variables).toMatchObject([{ isSecret: true, file: join(home, 'sa.json') }]);
    await rm(join(home, 'sa.json'));
    expect((await plan(text)).isChanged).toBe(false);
  });

  test('are rejected when they are too long for the system', async () => {
    expect(await caught(() => plan(config(TEXT), { MY_KEY: 'x'.repeat(130_000) }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'The value of SECRET_KEY is longer than 120 kB',
      hint: 'Give the gateway a file instead, in agents-llm.yaml: SECRET_KEY: {file: PATH}',
    });
  });

  test('are listed by `apply` when only the next `up` passes them to the gateway', async () => {
    const { context, settings } = invocationWith({});
    const difference = (text: string) =>
      environmentDifference(
        parseConfig(`name: x\n${text}`, PLACE()),
        PLACE(),
        { ...context, paths: settings.paths },
        'Run agents-llm up',
      );
    expect(await difference(TEXT)).toEqual([
      'The gateway does not have the variables of agents-llm.yaml yet (LOG, SECRET_KEY). Run agents-llm up',
    ]);
    await up(config(TEXT), { MY_KEY: 'a-secret-value' });
    expect(await difference(TEXT)).toEqual([]);
    expect(await difference('env:\n  LOG: info\n')).toEqual([
      'The gateway does not have the variables of agents-llm.yaml yet (LOG, SECRET_KEY). Run agents-llm up',
    ]);
    expect(await difference(`${TEXT}aws:\n  profile: dev\n`)).toEqual([
      'The gateway does not have the variables of agents-llm.yaml yet (AWS_PROFILE). Run agents-llm up',
    ]);
  });
});

describe('the flag --env', () => {
  const given = (name: string, value?: string) => ({ name, value });

  test('is remembered until another value replaces it or off removes it', async () => {
    await up({ env: [given('A', '1'), given('KEY')] }, { KEY: 'a-secret-value' });
    expect(await plan({})).toMatchObject({ isChanged: false, values: { A: '1', KEY: 'a-secret-value' } });
    expect((await up({ env: [given('B', '2')] })).values).toEqual({ B: '2' });
    expect((await up({ env: [] })).values).toEqual({});
  });

  test('overrides agents-llm.yaml with a warning', async () => {
    await up({ env: [given('LOG', 'info')] });
    expect((await plan(config('env:\n  LOG: debug\n'))).warnings).toEqual([
      'LOG of agents-llm.yaml is not used, because --env set it too. Remove that: agents-llm up --env off',
    ]);
  });

  test('names a variable that is not set', async () => {
    expect(await caught(() => plan({ env: [given('KEY')] }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'Environment variable KEY is not set, but --env takes its value from it',
      hint: 'Set KEY, then run the same command again',
    });
  });
});

describe('the flag --env-file', () => {
  const file = (text: string) => writeFile(join(home, '.env'), text);

  test('reads variables and recognises which of them are secret', async () => {
    const redis = 'redis://:hunter@cache';
    await file(`LOG=debug\nAPI_TOKEN="a\nb"\nOWN\nREDIS_URL=${redis}\nMY_PUBLIC_KEY=pk\n`);
    const { variables, values, warnings } = await up({ envFile: ['.env'] }, { OWN: 'own-value' }, false);
    expect(values).toEqual({
      LOG: 'debug',
      API_TOKEN: 'a\nb',
      OWN: 'own-value',
      REDIS_URL: redis,
      MY_PUBLIC_KEY: 'pk',
    });
    expect(variables.map(({ isSecret }) => isSecret)).toEqual([false, true, true, true, false]);
    expect(warnings).toEqual([]);
    expect((await up({ envFile: [] })).values).toEqual({});
  });

  test('warns about a file with secrets that git tracks', async () => {
    await file('API_TOKEN=abc\n');
    expect((await plan({ envFile: ['.env'] }, {}, true)).warnings).toEqual([
      '.env contains secrets, but git tracks it. Remove it from git: git rm --cached .env',
    ]);
  });

  test.each([
    [
      'A=1\nLITELLM_MASTER_KEY=sk-1\nPATH=/x\n',
      [
        '.env:2: LITELLM_MASTER_KEY belongs to the stack, which sets it',
        '.env:3: PATH changes how programs run, so it cannot be set',
      ],
    ],
    ['A=1\nB="open\n', ['.env:2: the line opens a quote that is not closed (B)']],
  ])('rejects %j and names the line', async (text, lines) => {
    await file(text);
    expect(await caught(() => plan({ envFile: ['.env'] }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      lines,
      hint: 'Remove or correct these lines of .env, then run the same command again',
    });
  });

  test.each([
    ['missing.env', 'ENOENT'],
    ['.', 'EISDIR'],
  ])('names a file that cannot be read: %s', async (path, why) => {
    expect(await caught(() => plan({ envFile: [path] }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: `The env file ${path} cannot be read (${why})`,
      hint: 'Name another file with --env-file PATH',
    });
  });
});

describe('an AWS profile', () => {
  const write = async (name: string, text: string) => {
    await mkdir(join(home, '.aws'), { recursive: true });
    await writeFile(join(home, '.aws', name), text);
  };

  test('comes with copies of the AWS files', async () => {
    await write('credentials', '[default]\naws_access_key_id = a\n[dev]\naws_access_key_id = b\n');
    const { values, variables } = await up({ awsProfile: 'dev' });
    expect(values).toMatchObject({ AWS_PROFILE: 'dev', AWS_SHARED_CREDENTIALS_FILE: expect.stringContaining('[dev]') });
    expect(variables.map(({ name }) => name)).toEqual(['AWS_PROFILE', 'AWS_SHARED_CREDENTIALS_FILE']);
    expect((await plan({})).isChanged).toBe(false);
    expect((await plan({ env: [] })).isChanged).toBe(false);
    expect((await up({ awsProfile: 'off' })).values).toEqual({});
    expect((await plan(config('aws:\n  profile: default\n'))).values.AWS_PROFILE).toBe('default');
  });

  test('is reported when it does not exist', async () => {
    await write('config', '[profile dev]\nregion = eu-west-1\n');
    expect(await caught(() => plan({ awsProfile: 'prod' }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: `AWS profile prod not found in ${join(home, '.aws')}`,
      hint: 'See the profiles that exist: aws configure list-profiles',
    });
  });

  test('causes a warning when its tokens are not copied', async () => {
    await write('config', '[profile dev]\nsso_session = corp\n');
    expect((await plan({ awsProfile: 'dev' })).warnings).toEqual([
      'AWS profile dev uses SSO, whose tokens the gateway does not get. Give it keys instead, for example from: aws configure export-credentials --profile dev',
    ]);
  });
});

test('rejects a file that agents-llm did not write', async () => {
  const { context, settings } = invocationWith({});
  await mkdir(settings.paths.folder, { recursive: true });
  await writeFile(settings.paths.environment, '{}');
  expect(await caught(() => readEnvironment(context.files, settings.paths))).toMatchObject({
    code: 'secrets_invalid',
    exitCode: EXIT.data,
    message: `${settings.paths.environment} cannot be used: it is not JSON as agents-llm writes it`,
    hint: 'Correct that file or restore it from a backup (nothing was overwritten)',
  });
});
