import { expect, test } from 'vitest';
import { makeSharedFolder } from '../../../../../src/runtime/native/folders/shared-folder.ts';

/** Folders with their modes; those that are made get what a umask of 077 leaves. */
function machine(initial: Readonly<Record<string, number>> = {}) {
  const modes = new Map(Object.entries(initial));
  const looked: string[] = [];
  const files = {
    async makeFolder(path: string, mode = 0o700) {
      if (!modes.has(path)) modes.set(path, mode & 0o700);
    },
    mode: async (path: string) => modes.get(path),
    chmod: async (path: string, mode: number) => void modes.set(path, mode),
    requireOwnFolder: async (path: string) => void looked.push(path),
  };
  return { files, looked, modes: () => Object.fromEntries(modes) };
}

test('opens every folder that it creates to other users', async () => {
  const { files, modes } = machine();
  await makeSharedFolder('/var/lib/agents-llm/data/abc', 0o711, files);
  expect(modes()).toEqual({
    '/var/lib/agents-llm': 0o711,
    '/var/lib/agents-llm/data': 0o711,
    '/var/lib/agents-llm/data/abc': 0o711,
  });
});

test('opens a folder that a run has closed, and closes one that others could write', async () => {
  const { files, looked, modes } = machine({ '/var/lib/agents-llm': 0o700, '/var/lib/agents-llm/native': 0o777 });
  await makeSharedFolder('/var/lib/agents-llm/native', 0o711, files);
  expect(modes()).toEqual({ '/var/lib/agents-llm': 0o711, '/var/lib/agents-llm/native': 0o755 });
  expect(looked).toEqual(['/var/lib/agents-llm', '/var/lib/agents-llm/native']);
});
