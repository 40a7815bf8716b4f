import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The type declarations of the library: those that its entry point leads to, and no others.
 * @param {string} root
 * @returns {Map<string, string>} texts by their path below `dist/`
 */
export function libraryDeclarations(root) {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-types-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      'false',
      '--emitDeclarationOnly',
      '--declaration',
      '--rootDir',
      'src',
      '--outDir',
      folder,
    ];
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.library.json'), ...options], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    /** @type {Map<string, string>} */
    const found = new Map();
    /** @param {string} name */
    const visit = (name) => {
      if (found.has(name)) return;
      const text = readFileSync(join(folder, name), 'utf8');
      found.set(name, text);
      for (const [, imported] of text.matchAll(/["'](\.{1,2}\/[^"']+)\.ts["']/g)) {
        visit(join(dirname(name), `${imported}.d.ts`));
      }
    };
    visit('index.d.ts');
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
