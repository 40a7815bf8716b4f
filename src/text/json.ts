/** Validates a value, such as a zod schema. */
interface Schema<Value> {
  safeParse(value: unknown): { readonly data?: Value | undefined };
}

/** Whether a parsed value is an object rather than a list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value if it is an object, otherwise an empty one. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

/** Undefined for invalid JSON. Ignores a byte order mark, which some editors write. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** Undefined for invalid JSON and for values that do not match the schema. */
export function jsonAs<Value>(schema: Schema<Value>, text: string): Value | undefined {
  return schema.safeParse(jsonValue(text)).data;
}
