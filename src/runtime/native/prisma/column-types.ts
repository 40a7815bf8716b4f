import type pg from 'pg';

/** Its declarations know no array types. */
interface AllTypes {
  setTypeParser(oid: number, parser: (text: string) => unknown): void;
  getTypeParser(oid: number): (text: string) => unknown;
}

const TEXT = 25;
const TEXT_ARRAY = 1009;
const TIMESTAMP_ARRAY = 1115;
const TIMESTAMPTZ_ARRAY = 1185;
/** Of `json` and `jsonb`: the adapter wants their items as texts, as it has single ones. */
const JSON_ARRAYS = [199, 3807];
/** `"char"[]` and `name[]` */
const SYSTEM_ARRAYS = [1002, 1003];
/** Types of the catalogue (`"char"`, `name`, `xid`, `regclass`, …), which the adapter does not know: they read as text. */
const SYSTEM_TYPES = [18, 19, 24, 27, 28, 29, 194, 2205, 2206, 4089, 4096];

/** Types that the adapter does not know, as those which it takes in their place. */
const READ_AS: ReadonlyMap<number, number> = new Map([
  ...SYSTEM_TYPES.map((oid) => [oid, TEXT] as const),
  ...SYSTEM_ARRAYS.map((oid) => [oid, TEXT_ARRAY] as const),
  [TIMESTAMPTZ_ARRAY, TIMESTAMP_ARRAY],
]);

/** Sets what the adapter leaves to the driver's own parsers. */
export function setTypeParsers(types: AllTypes): void {
  const textArray = types.getTypeParser(TEXT_ARRAY) as (text: string) => (string | null)[];
  for (const oid of [...SYSTEM_ARRAYS, ...JSON_ARRAYS]) types.setTypeParser(oid, textArray);
  // In UTC, as every session is: the adapter leaves the zone out too.
  types.setTypeParser(TIMESTAMPTZ_ARRAY, (text) => textArray(text).map((time) => time?.replace(/\+00$/, '') ?? null));
}

/** Names the columns of a result by types that the adapter knows. */
export function knownColumns<Result extends pg.QueryResult | pg.QueryResult[]>(result: Result): Result {
  for (const one of [result].flat() as pg.QueryResult[]) {
    for (const field of one?.fields ?? []) field.dataTypeID = READ_AS.get(field.dataTypeID) ?? field.dataTypeID;
  }
  return result;
}
