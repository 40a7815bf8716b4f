import type pg from 'pg';

/** The driver's own declarations lack array types. */
interface AllTypes {
  setTypeParser(oid: number, parser: (text: string) => unknown): void;
  getTypeParser(oid: number): (text: string) => unknown;
}

const TEXT = 25;
const TEXT_ARRAY = 1009;
const TIMESTAMP_ARRAY = 1115;
const TIMESTAMPTZ_ARRAY = 1185;
/** Arrays of `json` and `jsonb`: the adapter expects their items as text, like single values. */
const JSON_ARRAYS = [199, 3807];
/** `"char"[]` and `name[]` */
const SYSTEM_ARRAYS = [1002, 1003];
/** Types of the system catalogue (`"char"`, `name`, `xid`, `regclass`, …), which the adapter does not know. They are read as text. */
const SYSTEM_TYPES = [18, 19, 24, 27, 28, 29, 194, 2205, 2206, 4089, 4096];

/** Types that the adapter does not know, with the types that replace them. */
const READ_AS: ReadonlyMap<number, number> = new Map([
  ...SYSTEM_TYPES.map((oid) => [oid, TEXT] as const),
  ...SYSTEM_ARRAYS.map((oid) => [oid, TEXT_ARRAY] as const),
  [TIMESTAMPTZ_ARRAY, TIMESTAMP_ARRAY],
]);

/** Sets the parsers that the adapter leaves to the driver. */
export function setTypeParsers(types: AllTypes): void {
  const textArray = types.getTypeParser(TEXT_ARRAY) as (text: string) => (string | null)[];
  for (const oid of [...SYSTEM_ARRAYS, ...JSON_ARRAYS]) types.setTypeParser(oid, textArray);
  // Every session is in UTC, and the adapter also omits the zone of single values.
  types.setTypeParser(TIMESTAMPTZ_ARRAY, (text) => textArray(text).map((time) => time?.replace(/\+00$/, '') ?? null));
}

/** Replaces the column types of a result by types that the adapter knows. */
export function withKnownTypes<Result extends pg.QueryResult | pg.QueryResult[]>(result: Result): Result {
  for (const each of [result].flat() as pg.QueryResult[]) {
    for (const field of each?.fields ?? []) field.dataTypeID = READ_AS.get(field.dataTypeID) ?? field.dataTypeID;
  }
  return result;
}
