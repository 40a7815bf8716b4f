import type { LitellmVersion, Recorded } from './recorded-litellm.ts';

export interface FakeKey {
  token: string;
  raw: string;
  [field: string]: unknown;
}

/** What the server holds; tests may put things there that others are to have made. */
export interface FakeState {
  credentials: Record<string, { credential_info: Record<string, unknown>; credential_values: Record<string, string> }>;
  models: {
    id: string;
    name: string;
    params: Record<string, unknown>;
    /** What else is kept with it. */
    info?: Record<string, unknown>;
    live: boolean;
    fromFile?: boolean;
  }[];
  /** As the router's settings have them. */
  fallbacks: Record<string, string[]>[];
  keys: FakeKey[];
  teams: string[];
  /** The request log, the newest first. */
  spendLogs: {
    request_id: string;
    api_key: string;
    startTime: string;
    [field: string]: unknown;
  }[];
  /** The pages of `/user/daily/activity`. */
  dailyActivity?: unknown[];
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly key: string;
}

export interface FakeLitellm {
  readonly url: string;
  readonly version: LitellmVersion;
  readonly state: FakeState;
  readonly seen: SeenRequest[];
  /** Requests that no LiteLLM route knows; `close` throws when there were any. */
  readonly surprises: string[];
  /** Faults, changed by a test while it runs. */
  faults: {
    databaseLost?: boolean;
    /** With `databaseLost`: it is lost so lately that readiness does not say so yet. */
    readinessOld?: boolean;
    html?: boolean;
    /** Knows no key. */
    refuses?: boolean;
    /** Carry out the next request to this route, then cut the connection. */
    cutAfter?: string;
    /** Cut the connection of this many requests before anything is done. */
    cutBefore?: number;
    /** Knows no `/v2/model/info`. */
    noRows?: boolean;
    /** Looks for no key of that alias before it makes one: as if all were asked for at the same moment. */
    blindToAliases?: boolean;
    /** Answers instead of a route. */
    answer?: (request: SeenRequest) => Recorded | undefined;
    /** Called before a route is carried out. */
    before?: (request: SeenRequest) => void | Promise<void>;
  };
  addKey(fields: Record<string, unknown>): FakeKey;
  close(): Promise<void>;
}
