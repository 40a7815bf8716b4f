import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadWasm, webAssembly } from '../../../../../src/runtime/native/prisma/load-wasm.ts';
import { temporaryFolder } from '../../../../support/temporary-folder.ts';

/** The smallest module: the magic number and the version. */
const MODULE = Buffer.from('\0asm\x01\0\0\0', 'latin1');

async function fileWith(content: Uint8Array | undefined) {
  const path = join(await temporaryFolder(), 'engine.wasm.br');
  if (content) await writeFile(path, content);
  return path;
}

test('loads a compressed module', async () => {
  const module = loadWasm(await fileWith(brotliCompressSync(MODULE)));
  expect(await webAssembly.instantiate(module, {})).toHaveProperty('exports');
});

test.each([
  ['missing', undefined, 'the file is missing'],
  ['empty', Buffer.alloc(0), 'the file is damaged ('],
  ['cut off', brotliCompressSync(MODULE).subarray(0, 6), 'the file is damaged ('],
  ['not compressed', MODULE, 'the file is damaged ('],
  ['compressed, but not WebAssembly', brotliCompressSync(Buffer.from('text')), 'the file is damaged ('],
])('names a file that is %s', async (_, content, why) => {
  const path = await fileWith(content);
  expect(() => loadWasm(path)).toThrow(`Cannot load ${path}: ${why}`);
});
