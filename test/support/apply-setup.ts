import { join } from 'node:path';
import type { Invocation } from '../../src/context/invocation.ts';
import { systemFiles } from '../../src/io/files/files.ts';
import type { Admin } from '../../src/litellm/admin/admin.ts';
import { type Applied, type ApplyOptions, applyConfig } from '../../src/litellm/apply/apply-config.ts';
import { parseConfig } from '../../src/litellm/config/parse-config.ts';
import { keptKeys } from '../../src/litellm/keys/kept-keys.ts';
import type { FileConsent } from '../../src/litellm/trust/file-consent.ts';
import { clientOf } from './admin-client.ts';
import { fakeInvocation } from './fake-invocation.ts';
import type { FakeLitellm } from './fake-litellm-state.ts';
import { fakeRunner } from './fake-runner.ts';

/** The keys that the tests' environment has. */
export const VARIABLES = { OPENAI_API_KEY: 'sk-provider-0123456789', OTHER_KEY: 'sk-other-9876543210' };

/** For a user who has allowed the file, whatever it contains. */
const consent: FileConsent = { isAllowed: true, covers: () => true, settle: async () => {} };

const DEFAULTS: ApplyOptions = { dryRun: false, prune: false, force: false, check: true, consent };

/** A git that tracks none of these files. */
const git = (folder: string) =>
  fakeRunner(
    ['.env', 'app.env'].map((name) => ({
      line: `git -C ${folder} -c core.fsmonitor=false ls-files --error-unmatch -- ${name}`,
      result: { exitCode: 1 },
      repeat: true,
    })),
  );

export interface ApplySetup {
  readonly admin: Admin;
  readonly invocation: Invocation;
  /** Applies the text of a file that lies in `folder`. */
  apply(text: string, options?: Partial<ApplyOptions>, invocation?: Invocation): Promise<Applied>;
}

export function applySetup(
  fake: FakeLitellm,
  folder: string,
  env: Readonly<Record<string, string>> = VARIABLES,
): ApplySetup {
  const admin: Admin = {
    client: clientOf(fake, { startCommand: null }),
    kept: keptKeys(systemFiles, join(folder, 'keys'), { url: fake.url, own: true }),
    host: 'here',
    exclusively: (_, action) => action(),
  };
  const invocation = fakeInvocation({ home: folder, env, runner: git(folder) });
  const place = { path: join(folder, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder };
  return {
    admin,
    invocation,
    apply: (text, options = {}, given = invocation) =>
      applyConfig({ config: parseConfig(text, place), place }, admin, { ...DEFAULTS, ...options }, given),
  };
}
