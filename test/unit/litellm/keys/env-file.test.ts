import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireEnvFile, writeEnvFile } from '../../../../src/litellm/keys/env-file.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRunner } from '../../../support/fake-runner.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

test('refuses a file tracked by git unless forced', async () => {
  const home = await temporaryFolder();
  const git = { line: `git -C ${home} -c core.fsmonitor=false ls-files --error-unmatch -- .env` };
  const { context } = fakeInvocation({ home, env: {}, runner: fakeRunner([git]) });
  expect(await caught(() => requireEnvFile('.env', false, context))).toMatchObject({
    code: 'env_file_tracked',
    exitCode: EXIT.confirm,
    message: 'git tracks .env, so the key would be committed',
    hint: 'Stop tracking it first: git rm --cached .env\nOr write it anyway with --force',
    details: { path: join(home, '.env') },
  });
  expect(await requireEnvFile('.env', true, context)).toBe(join(home, '.env'));
});

test('refuses a value that dotenv readers parse differently, without repeating it', async () => {
  const home = await temporaryFolder();
  const path = join(home, '.env');
  const { files } = fakeInvocation({ home, env: {} }).context;
  const error = await caught(() => writeEnvFile(path, { OPENAI_API_KEY: 'sk-a b#c' }));
  expect(error).toMatchObject({
    code: 'usage',
    exitCode: EXIT.usage,
    message: 'The value of OPENAI_API_KEY contains characters that programs read differently in dotenv files',
    hint: 'Set it in your shell: eval "$(agents-llm env)"',
  });
  expect(await files.read(path)).toBeUndefined();
});
