import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { docker, hasImage } from './docker.ts';

const LOCAL = 'agents-llm-test/nginx:debian';

/** An image with a real Nginx: the one that is meant, else one built here of Debian's package; or why there is none. */
export function nginxImage(wanted: string): { readonly image: string } | { readonly missing: string } {
  for (const image of [wanted, LOCAL]) if (hasImage(image)) return { image };
  try {
    docker('pull', '-q', wanted);
    return { image: wanted };
  } catch (pulling) {
    try {
      build();
      return { image: LOCAL };
    } catch (building) {
      return { missing: `no Nginx: ${lastLine(pulling)}; ${lastLine(building)}` };
    }
  }
}

/** The package's files and the libraries that they need, as the only layer of an image. */
function build(): void {
  const work = mkdtempSync(join(tmpdir(), 'nginx-image-'));
  const run = (file: string, ...args: string[]) =>
    execFileSync(file, args, { cwd: work, encoding: 'utf8', stdio: 'pipe' });
  const root = join(work, 'root');
  try {
    run('apt-get', 'download', 'nginx');
    const [package_ = ''] = readdirSync(work).filter((name) => name.endsWith('.deb'));
    run('dpkg-deb', '-x', package_, root);
    const libraries = run('ldd', join(root, 'usr/sbin/nginx'));
    if (libraries.includes('not found')) throw new Error(`a library of Nginx is missing here: ${libraries}`);
    for (const [path] of libraries.matchAll(/\/\S+/g)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      cpSync(realpathSync(path), join(root, path));
    }
    for (const folder of ['etc', 'tmp', 'var/log/nginx', 'var/lib/nginx'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/\nnobody:x:65534:65534::/:/\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\nnobody:x:65533:\n');
    run('tar', '-C', root, '-cf', join(work, 'root.tar'), '.');
    docker('import', '-c', 'ENV PATH=/usr/sbin', join(work, 'root.tar'), LOCAL);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string | Buffer; message: string };
  return (stderr?.toString().trim() || message).split('\n').at(-1) ?? '';
}
