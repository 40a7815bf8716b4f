import { expect, test } from 'vitest';
import { AUTHORITY, type GatewayVariable } from '../../../../src/model/gateway-environment.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { writeEnvironment } from '../../../../src/project/environment.ts';
import { missingVariables, variableNames } from '../../../../src/stack/backup/saved-environment.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const variable = (name: string, network?: GatewayVariable['network']): GatewayVariable => ({
  ...{ name, value: new Secret('x'), isSecret: false, source: 'flag' },
  network,
});

async function withVariables(...variables: readonly GatewayVariable[]) {
  const home = await temporaryFolder();
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  const { context, settings } = invocation;
  await context.files.makeFolder(settings.paths.folder);
  await writeEnvironment(context.files, settings.paths, variables);
  return invocation;
}

test('names the variables for the manifest, and none where there are none', async () => {
  const given = [variable('B'), variable(AUTHORITY, 'ca'), variable('HTTPS_PROXY', 'proxy')];
  expect(await variableNames(await withVariables(...given))).toEqual(['ca', 'B', 'HTTPS_PROXY']);
  expect(await variableNames(await withVariables())).toBeUndefined();
  const damaged = await withVariables();
  await damaged.context.files.write(damaged.settings.paths.environment, 'damaged', 0o600);
  expect(await variableNames(damaged)).toBeUndefined();
});

test('warns of variables that did not come along, with the command that sets them', async () => {
  const invocation = await withVariables(variable('A'));
  expect(await missingVariables(undefined, invocation)).toEqual([]);
  expect(await missingVariables(['A'], invocation)).toEqual([]);
  expect(await missingVariables(['A', 'B', 'ca', 'HTTPS_PROXY', 'NO_PROXY'], invocation)).toEqual([
    'The gateway that was backed up had B, a certificate authority, HTTPS_PROXY, NO_PROXY, but this one does not. If it needs them: agents-llm up --env B --ca FILE --proxy-from-env',
  ]);
});
