type NameOf<Row> = (row: Row) => unknown;

const known = new WeakMap<object, Map<unknown, ReadonlyMap<unknown, readonly unknown[]>>>();

/**
 * Indexes rows by name. The index is built once per list, so that looking up many names does not scan all rows
 * for each of them. `nameOf` must be a constant.
 */
export function rowsBy<Row>(rows: readonly Row[], nameOf: NameOf<Row>): ReadonlyMap<unknown, readonly Row[]> {
  const indexes = known.get(rows) ?? new Map<unknown, ReadonlyMap<unknown, readonly unknown[]>>();
  known.set(rows, indexes);
  const index = (indexes.get(nameOf) as ReadonlyMap<unknown, readonly Row[]> | undefined) ?? indexOf(rows, nameOf);
  indexes.set(nameOf, index);
  return index;
}

function indexOf<Row>(rows: readonly Row[], nameOf: NameOf<Row>): ReadonlyMap<unknown, readonly Row[]> {
  const index = new Map<unknown, Row[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const same = index.get(name);
    if (same) same.push(row);
    else index.set(name, [row]);
  }
  return index;
}
