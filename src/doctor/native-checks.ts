import type { NativeFacts } from '../runtime/runtime.ts';
import type { Check } from './check.ts';
import type { CheckId } from './check-id.ts';
import { type Finding, fail, ok, skip } from './finding.ts';

export const NATIVE_CHECKS: readonly Check[] = [
  onNative('python', async (facts) => {
    const { version, executable } = await facts.python();
    return ok(`Python ${version} (${executable})`);
  }),
  {
    ...onNative('data-folder', async (facts) => judgeDataFolder(await facts.dataFolder())),
    repair: async ({ runtime, invocation }) => {
      const folder = runtime.facts.kind === 'native' ? await runtime.facts.dataFolder() : undefined;
      if (!folder) return 'Nothing to change';
      await invocation.context.files.chmod(folder.path, 0o700);
      return `Removed access of other users to ${folder.path}`;
    },
  },
];

function onNative(id: CheckId, run: (facts: NativeFacts) => Promise<Finding>): Check {
  return {
    id,
    run: ({ runtime: { facts } }) => (facts.kind === 'native' ? run(facts) : skip('The stack uses the Docker runtime')),
  };
}

/** PostgreSQL only starts with mode 0700 or 0750. */
export function judgeDataFolder(folder: { readonly path: string; readonly mode: number } | undefined): Finding {
  if (!folder) return skip('No data yet');
  const { path, mode } = folder;
  if (mode === 0o700 || mode === 0o750) return ok(`${path} has mode ${mode.toString(8).padStart(4, '0')}`);
  const seen = `${path} has mode ${mode.toString(8).padStart(4, '0')}, but PostgreSQL only starts with 0700 or 0750`;
  return fail('database_failed', seen, 'Repair the mode: agents-llm doctor --fix');
}
