/** What checks a value, such as a schema of zod. */
interface Schema<Value> {
  safeParse(value: unknown): { readonly data?: Value | undefined };
}

/** Whether a parsed value is an object or a map, and no list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined for what is not JSON. A byte order mark, which some editors write, does not count. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** Undefined for what is not JSON, or not as the schema says. */
export function jsonAs<Value>(schema: Schema<Value>, text: string): Value | undefined {
  return schema.safeParse(jsonValue(text)).data;
}
