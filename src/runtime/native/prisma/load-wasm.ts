import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { systemCode } from '../../../model/errors.ts';
import { wasmFailure } from './wasm-failure.ts';

/** Node provides it, but the types are part of the browsers'. */
export const { WebAssembly: webAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (code: Uint8Array) => WasmModule;
    instantiate(module: WasmModule, imports: object): Promise<{ readonly exports: unknown }>;
  };
};

interface WasmModule {
  readonly __module: never;
}

/** Loads a WebAssembly file of this package, which is compressed with Brotli. */
export function loadWasm(path: string): WasmModule {
  try {
    return new webAssembly.Module(brotliDecompressSync(readFileSync(path)));
  } catch (cause) {
    const isMissing = systemCode(cause) === 'ENOENT';
    const why = isMissing ? 'the file is missing' : `the file is damaged (${(cause as Error).message})`;
    throw new Error(wasmFailure(path, why), { cause });
  }
}
