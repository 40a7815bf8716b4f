import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * A module of the program, bundled: Node 20 runs no TypeScript, and a script must not have its own copy.
 * @param {string} file from the root of the checkout
 */
export async function sourceModule(file) {
  const entry = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.text ?? '').toString('base64')}`);
}
