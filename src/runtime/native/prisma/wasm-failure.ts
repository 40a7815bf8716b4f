/** The message of a WebAssembly file of this package that cannot be loaded. */
export const wasmFailure = (path: string, why: string): string => `Cannot load ${path}: ${why}`;

/** Recognises `wasmFailure` in the output of our programs. */
export const WASM_FAILURE = /Cannot load .{1,4096}\.wasm\.br: /;
