import { type EngineError, type ErrorSources, nativeError } from './engine-error.ts';

export interface EngineResponse {
  readonly status: number;
  readonly body: unknown;
}

type Facing = NonNullable<EngineError['user_facing_error']>;

/** By what the engine says, the status of the native one: its clients look at nothing else when a transaction ends. */
const STATUS: readonly (readonly [RegExp, number])[] = [
  [/Transaction already closed/, 422],
  [/Transaction not found/, 404],
  [/Unable to start a transaction in the given time/, 504],
];

/** The WebAssembly build answers a failed start, commit or rollback as it does one that succeeded. */
export function transactionResponse(answer: unknown, sources: ErrorSources): EngineResponse {
  if (!isFailure(answer)) return { status: 200, body: answer };
  return transactionFailure(nativeError({ error: answer.message, user_facing_error: answer }, sources));
}

export function transactionFailure({ error, user_facing_error: body }: EngineError): EngineResponse {
  return { status: STATUS.find(([said]) => said.test(error))?.[1] ?? 500, body };
}

function isFailure(answer: unknown): answer is Facing {
  return typeof answer === 'object' && answer !== null && 'is_panic' in answer && 'message' in answer;
}

/** Shorter ones than the engine's own make its WebAssembly build panic, which ends the process. */
const SHORTEST_ID = 24;
const NOT_FOUND = 'Transaction not found. Transaction ID is invalid, refers to an old closed transaction.';

/** For an id that cannot be one of a transaction: what the engine says of those that it does not know. */
export function unknownTransaction(id: string | undefined): EngineError | undefined {
  if (id === undefined || id.length >= SHORTEST_ID) return undefined;
  const message = `Transaction API error: ${NOT_FOUND}`;
  const meta = { error: NOT_FOUND };
  return { error: NOT_FOUND, user_facing_error: { is_panic: false, message, meta, error_code: 'P2028' } };
}
