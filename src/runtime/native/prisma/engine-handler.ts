import type { Clock } from '../../../io/clock.ts';
import type { DataModel } from './data-model.ts';
import { type EngineError, type ErrorSources, nativeError, thrownError } from './engine-error.ts';
import { type NamedOperation, toJsonProtocol } from './json-protocol.ts';
import { plainAnswer, rowObjects } from './plain-answer.ts';
import { startTransaction } from './start-transaction.ts';
import {
  type EngineResponse,
  transactionFailure,
  transactionResponse,
  unknownTransaction,
} from './transaction-response.ts';
import { TRACE, type WasmEngine } from './wasm-engine.ts';

export interface EngineHandlerOptions {
  readonly engine: WasmEngine;
  readonly models: DataModel;
  readonly clock: Clock;
  readonly sources: ErrorSources;
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

const TRANSACTION = /^\/transaction\/(?:start|([^/]+)\/(commit|rollback))$/;

/** Answers a request of the query engine's HTTP protocol; never rejects. */
export async function handleRequest(request: EngineRequest, options: EngineHandlerOptions): Promise<EngineResponse> {
  const { sources } = options;
  const transaction = TRANSACTION.exec(request.path);
  const unknown = unknownTransaction(transaction ? transaction[1] : request.transaction);
  if (unknown) return transaction ? transactionFailure(unknown) : ok({ errors: [unknown] });
  try {
    if (!transaction) return await route(request, options);
    return transactionResponse(await handleTransaction(request.body, transaction, options), sources);
  } catch (thrown) {
    const error = thrownError(thrown, sources);
    return transaction ? transactionFailure(error) : ok({ errors: [error] });
  }
}

async function route({ method, path, body, transaction }: EngineRequest, options: EngineHandlerOptions) {
  if (path === '/status') return ok({ status: 'ok' });
  if (path === '/metrics') return ok({ counters: [], gauges: [], histograms: [] });
  if (method !== 'POST' || path !== '/') return notFound(method, path);
  const request = JSON.parse(body);
  if (request.batch) return ok(await batch(request, transaction, options));
  const named = toJsonProtocol(request.query, options.models);
  const answer = await options.engine.query(JSON.stringify(named.operation), TRACE, transaction);
  return ok(answerTo(named, JSON.parse(answer), options));
}

const ok = (body: unknown): EngineResponse => ({ status: 200, body });

const notFound = (method: string, path: string): EngineResponse => ({
  status: 404,
  body: { errors: [{ error: `Not found: ${method} ${path}` }] },
});

async function handleTransaction(
  body: string,
  [, id, end]: RegExpExecArray,
  { engine, clock }: EngineHandlerOptions,
): Promise<unknown> {
  if (id === undefined) return startTransaction(body, engine, clock);
  const ended = end === 'commit' ? engine.commitTransaction(id, TRACE) : engine.rollbackTransaction(id, TRACE);
  return JSON.parse(await ended);
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
  const answers = result.batchResult.map((answer: Answer, i: number) => answerTo(operations[i], answer, options));
  return { batchResult: answers };
}

function answerTo(named: NamedOperation | undefined, answer: Answer, options: EngineHandlerOptions): unknown {
  if (answer.errors || !named) return answerErrors(answer, options);
  const [value] = Object.values(answer.data ?? {});
  const isRaw = named.operation.action === 'queryRaw';
  const plain = isRaw ? (options.asObjects ? rowObjects(value) : value) : plainAnswer(value);
  return { data: { [named.alias]: plain } };
}

function answerErrors({ errors = [] }: Answer, { sources }: EngineHandlerOptions): Answer {
  return { errors: errors.map((error) => nativeError(error, sources)) };
}
