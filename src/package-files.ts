import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Our own programs of the native runtime, and the lock files of what it installs. */
export function nativeFolders(): { readonly programs: string; readonly locks: string } {
  const inPackage = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  return { programs: inPackage('../dist/native'), locks: inPackage('../templates/native') };
}

/** The Compose file of this package; `dist/` and `src/` both lie beside it. */
export function composeFile(): string {
  return fileURLToPath(new URL('../docker-compose.yml', import.meta.url));
}

/** What a shell reads to complete our command lines. */
export function completionScript(shell: string): string {
  return templateFile(`completion/agents-llm.${shell}`);
}

/** A file that is given to users as it is. */
export function templateFile(name: string): string {
  return join(templatesFolder(), name);
}

/** What goes on top of it, and what containers are given by it. */
export function templatesFolder(): string {
  return fileURLToPath(new URL('../templates', import.meta.url));
}
