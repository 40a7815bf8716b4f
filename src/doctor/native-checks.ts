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
      if (!folder) return 'there is nothing to change';
      await invocation.context.files.chmod(folder.path, 0o700);
      return `gave ${folder.path} to its owner alone`;
    },
  },
];

function onNative(id: CheckId, look: (facts: NativeFacts) => Promise<Finding>): Check {
  return {
    id,
    look: ({ runtime: { facts } }) => (facts.kind === 'native' ? look(facts) : skip('the stack runs on Docker')),
  };
}

/** PostgreSQL starts on 0700 and 0750, and on nothing else. */
export function judgeDataFolder(folder: { readonly path: string; readonly mode: number } | undefined): Finding {
  if (!folder) return skip('there is no data yet');
  const { path, mode } = folder;
  if (mode === 0o700 || mode === 0o750) return ok(`${path} is PostgreSQL 16's own`);
  const seen = `${path} has mode ${mode.toString(8).padStart(4, '0')}, with which PostgreSQL does not start`;
  return fail('database_failed', seen, 'agents-llm doctor --fix');
}
