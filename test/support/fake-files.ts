import type { Files } from '../../src/io/files/files.ts';

export interface FakeFiles extends Files {
  /** All files by their path, with the mode that they were written with. */
  readonly all: ReadonlyMap<string, { readonly text: string; readonly mode: number }>;
}

/** Files in memory; a path whose text is an error cannot be read. */
export function fakeFiles(initial: Readonly<Record<string, string | Error>> = {}): FakeFiles {
  const broken = new Map(Object.entries(initial).filter(([, text]) => text instanceof Error));
  const all = new Map<string, { text: string; mode: number }>();
  for (const [path, text] of Object.entries(initial)) {
    if (typeof text === 'string') all.set(path, { text, mode: 0o600 });
  }
  return {
    all,
    async read(path) {
      if (broken.has(path)) throw broken.get(path);
      return all.get(path)?.text;
    },
    async write(path, text, mode) {
      all.set(path, { text, mode });
    },
    async create(path, text, mode) {
      if (all.has(path)) return false;
      all.set(path, { text, mode });
      return true;
    },
    async makeFolder() {},
    async makeOwnFolder(path, { mode } = {}) {
      await this.makeFolder(path, mode);
    },
    async requireOwnFolder() {},
    async chown() {},
    mode: async (path) => all.get(path)?.mode,
    async chmod(path, mode) {
      const file = all.get(path);
      if (file) file.mode = mode;
    },
    freeBytes: async () => 1e12,
    async copy(from, to) {
      for (const [path, file] of [...all]) {
        if (path.startsWith(`${from}/`)) all.set(to + path.slice(from.length), file);
      }
    },
    async readFrom(path, offset) {
      const text = all.get(path)?.text;
      return text === undefined ? undefined : { text: text.slice(offset), size: text.length };
    },
    owner: async (path) => (all.has(path) ? 1000 : undefined),
    size: async (path) => all.get(path)?.text.length,
    head: async (path, bytes) => all.get(path)?.text.slice(0, bytes) ?? '',
    sha256: async (path) => `sha256 of ${all.get(path)?.text}`,
    async commit(temporary, path) {
      await this.rename(temporary, path);
    },
    async list(path) {
      const inside = [...all.keys()].filter((name) => name.startsWith(`${path}/`));
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))].sort();
    },
    async rename(from, to) {
      const file = all.get(from);
      if (!file) throw Object.assign(new Error(`no such file: ${from}`), { code: 'ENOENT' });
      all.delete(from);
      all.set(to, file);
    },
    isLink: async (path) => all.get(path)?.text.startsWith('-> ') ?? false,
    async linkTo(target, path) {
      if (!all.has(path)) all.set(path, { text: `-> ${target}`, mode: 0o777 });
    },
    async remove(path) {
      for (const name of [...all.keys()]) {
        if (name === path || name.startsWith(`${path}/`)) all.delete(name);
      }
    },
  };
}
