import { expect, test } from 'vitest';
import { makeSharedFolder } from '../../../../src/runtime/native/shared-folder.ts';

/** Folders with their modes; those that are made get what a umask of 077 leaves. */
function machine(initial: Readonly<Record<string, number>> = {}) {
  const modes = new Map(Object.entries(initial));
  const files = {
    async makeFolder(path: string, mode = 0o700) {
      if (!modes.has(path)) modes.set(path, mode & 0o700);
    },
    mode: async (path: string) => modes.get(path),
    chmod: async (path: string, mode: number) => void modes.set(path, mode),
  };
  return { files, modes: () => Object.fromEntries(modes) };
}

test('others get through all that root has made of it, and through nothing of others', async () => {
  const { files, modes } = machine();
  await makeSharedFolder('/var/lib/agents-llm/data/abc', 0o711, files);
  expect(modes()).toEqual({
    '/var/lib/agents-llm': 0o711,
    '/var/lib/agents-llm/data': 0o711,
    '/var/lib/agents-llm/data/abc': 0o711,
  });
});

test('what an earlier run has closed is opened, and nothing is closed', async () => {
  const { files, modes } = machine({ '/var/lib/agents-llm': 0o700, '/var/lib/agents-llm/native': 0o775 });
  await makeSharedFolder('/var/lib/agents-llm/native', 0o755, files);
  expect(modes()).toEqual({ '/var/lib/agents-llm': 0o755, '/var/lib/agents-llm/native': 0o775 });
});
