// @ts-expect-error: the package has no types for this file.
import * as bindings from '@prisma/client/runtime/query_engine_bg.postgresql.js';
import type { ErrorCapturingDriverAdapter } from '@prisma/driver-adapter-utils';
import { loadWasm, webAssembly } from './load-wasm.ts';

/** The functions of Prisma's query engine that are used; all texts are JSON. */
export interface WasmEngine {
  connect(trace: string): Promise<void>;
  query(operation: string, trace: string, transaction: string | undefined): Promise<string>;
  startTransaction(options: string, trace: string): Promise<string>;
  commitTransaction(id: string, trace: string): Promise<string>;
  rollbackTransaction(id: string, trace: string): Promise<string>;
}

export interface WasmEngineOptions {
  /** `query_engine_bg.postgresql.wasm`, compressed, of the same version of @prisma/client. */
  readonly wasm: string;
  readonly datamodel: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly adapter: ErrorCapturingDriverAdapter;
}

export const TRACE = '{}';

export async function wasmEngine({ wasm, datamodel, env, adapter }: WasmEngineOptions): Promise<WasmEngine> {
  const instance = await webAssembly.instantiate(loadWasm(wasm), { './query_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  const options = {
    datamodel,
    env,
    logQueries: false,
    ignoreEnvVarErrors: true,
    datasourceOverrides: {},
    logLevel: 'error',
    configDir: '.',
    engineProtocol: 'json',
  };
  const engine = new bindings.QueryEngine(options, () => undefined, adapter) as WasmEngine;
  await engine.connect(TRACE);
  return engine;
}
