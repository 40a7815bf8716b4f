import { isTagged } from './graphql-value.ts';

/** Removes the tags of the JSON protocol, which mark types that JSON lacks. In the GraphQL protocol, a BigInt is plain text. */
export function plainAnswer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainAnswer);
  if (value === null || typeof value !== 'object') return value;
  if (isTagged(value)) return value.value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainAnswer(inner)]));
}

interface RawRows {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The rows of a raw query in the form of Prisma before 5.10: objects in which each value has its type. */
export function rowObjects(value: unknown): unknown {
  if (!isRawRows(value)) return value;
  return value.rows.map((row) =>
    Object.fromEntries(value.columns.map((name, i) => [name, typed(row[i] ?? null, value.types[i] ?? 'string')])),
  );
}

function isRawRows(value: unknown): value is RawRows {
  return typeof value === 'object' && value !== null && 'columns' in value && Array.isArray(value.columns);
}

function typed(value: unknown, type: string): unknown {
  if (value === null) return { prisma__type: 'null', prisma__value: null };
  if (!type.endsWith('-array') || !Array.isArray(value)) return { prisma__type: type, prisma__value: value };
  const item = type.slice(0, -'-array'.length);
  return { prisma__type: 'array', prisma__value: value.map((entry) => typed(entry, item)) };
}
