import { type EngineError, type ErrorSources, nativeError, type UserFacingError } from './engine-error.ts';

export interface EngineResponse {
  readonly status: number;
  readonly body: unknown;
}

/** The status that the native engine returns for a message. When a transaction ends, its clients only look at the status. */
const STATUS: readonly (readonly [RegExp, number])[] = [
  [/Transaction already closed/, 422],
  [/Transaction not found/, 404],
  [/Unable to start a transaction in the given time/, 504],
];

/** The WebAssembly build returns a failed start, commit or rollback like a successful one. */
export function transactionResponse(answer: unknown, sources: ErrorSources): EngineResponse {
  if (!isFailure(answer)) return { status: 200, body: answer };
  return transactionFailure(nativeError({ error: answer.message, user_facing_error: answer }, sources));
}

export function transactionFailure({ error, user_facing_error: body }: EngineError): EngineResponse {
  return { status: STATUS.find(([pattern]) => pattern.test(error))?.[1] ?? 500, body };
}

function isFailure(answer: unknown): answer is UserFacingError {
  return typeof answer === 'object' && answer !== null && 'is_panic' in answer && 'message' in answer;
}

/** Shorter ids than its own make the WebAssembly build panic, which ends the process. */
const SHORTEST_ID = 24;
const NOT_FOUND = 'Transaction not found. Transaction ID is invalid, refers to an old closed transaction.';

/** The engine's error for an unknown transaction, if the id cannot belong to one. */
export function unknownTransaction(id: string | undefined): EngineError | undefined {
  if (id === undefined || id.length >= SHORTEST_ID) return undefined;
  const message = `Transaction API error: ${NOT_FOUND}`;
  const meta = { error: NOT_FOUND };
  return { error: NOT_FOUND, user_facing_error: { is_panic: false, message, meta, error_code: 'P2028' } };
}
