import type { DataModel } from './data-model.ts';
import { type DatabaseAddress, type EngineError, nativeError, thrownError } from './engine-error.ts';
import { type NamedOperation, toJsonProtocol } from './json-protocol.ts';
import { plainAnswer, rowObjects } from './plain-answer.ts';
import { TRACE, type WasmEngine } from './wasm-engine.ts';

export interface EngineHandlerOptions {
  readonly engine: WasmEngine;
  readonly models: DataModel;
  readonly address: DatabaseAddress;
  readonly said: ReadonlyMap<string, string>;
  /** Rows of raw queries as objects; see `rowObjects`. */
  readonly asObjects: boolean;
}

export interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** `X-transaction-id` */
  readonly transaction: string | undefined;
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly EngineError[];
}

const TRANSACTION_END = /^\/transaction\/([^/]+)\/(commit|rollback)$/;

/** Answers a request of the query engine's HTTP protocol; never rejects. */
export async function handleRequest(request: EngineRequest, options: EngineHandlerOptions): Promise<unknown> {
  try {
    return await route(request, options);
  } catch (error) {
    return { errors: [thrownError(error, options.address, options.said)] };
  }
}

async function route({ method, path, body, transaction }: EngineRequest, options: EngineHandlerOptions) {
  const { engine, models } = options;
  if (path === '/status') return { status: 'ok' };
  if (path === '/metrics') return { counters: [], gauges: [], histograms: [] };
  if (method !== 'POST') return { errors: [{ error: `no ${method} ${path}` }] };
  if (path === '/transaction/start') return JSON.parse(await engine.startTransaction(body || '{}', TRACE));
  const [, id, end] = TRANSACTION_END.exec(path) ?? [];
  if (id !== undefined) {
    const ended = end === 'commit' ? engine.commitTransaction(id, TRACE) : engine.rollbackTransaction(id, TRACE);
    return JSON.parse(await ended);
  }
  const request = JSON.parse(body);
  if (request.batch) return batch(request, transaction, options);
  const named = toJsonProtocol(request.query, models);
  return answerTo(named, JSON.parse(await engine.query(JSON.stringify(named.operation), TRACE, transaction)), options);
}

interface Batch {
  readonly batch: readonly { readonly query: string }[];
  readonly transaction?: boolean;
  readonly isolationLevel?: string;
}

async function batch(request: Batch, transaction: string | undefined, options: EngineHandlerOptions): Promise<unknown> {
  const operations = request.batch.map(({ query }) => toJsonProtocol(query, options.models));
  const body = {
    batch: operations.map(({ operation }) => operation),
    transaction: request.transaction ? { isolationLevel: request.isolationLevel } : undefined,
  };
  const result = JSON.parse(await options.engine.query(JSON.stringify(body), TRACE, transaction));
  if (!result.batchResult) return answerErrors(result, options);
  const answers = result.batchResult.map((one: Answer, i: number) => answerTo(operations[i], one, options));
  return { batchResult: answers };
}

function answerTo(named: NamedOperation | undefined, answer: Answer, options: EngineHandlerOptions): unknown {
  if (answer.errors || !named) return answerErrors(answer, options);
  const [value] = Object.values(answer.data ?? {});
  const isRaw = named.operation.action === 'queryRaw';
  const plain = isRaw ? (options.asObjects ? rowObjects(value) : value) : plainAnswer(value);
  return { data: { [named.alias]: plain } };
}

function answerErrors({ errors = [] }: Answer, { address, said }: EngineHandlerOptions): Answer {
  return { errors: errors.map((error) => nativeError(error, address, said)) };
}
