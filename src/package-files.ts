import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The native runtime's own programs, and the lock files of the packages that it installs. */
export function nativeFolders(): { readonly programs: string; readonly locks: string } {
  const inPackage = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  return { programs: inPackage('../dist/native'), locks: inPackage('../templates/native') };
}

/** The Compose file of this package, which is beside both `dist/` and `src/`. */
export function composeFile(): string {
  return fileURLToPath(new URL('../docker-compose.yml', import.meta.url));
}

/** The completion script for a shell. */
export function completionScript(shell: string): string {
  return templateFile(`completion/agents-llm.${shell}`);
}

/** A file that is copied for users unchanged. */
export function templateFile(name: string): string {
  return join(templatesFolder(), name);
}

/** Compose overlays, and files that are mounted into containers. */
export function templatesFolder(): string {
  return fileURLToPath(new URL('../templates', import.meta.url));
}
