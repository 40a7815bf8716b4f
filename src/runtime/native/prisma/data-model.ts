/** Field name to type name, without `[]` and `?`. */
export type ModelFields = ReadonlyMap<string, string>;
/** Model name to its fields. */
export type DataModel = ReadonlyMap<string, ModelFields>;

const MODEL = /^model\s+(\w+)\s*\{([\s\S]*?)^\}/gm;
const FIELD = /^\s*(\w+)\s+(\w+)(?:\[\])?\??(?:\s|$)/gm;

/** The models in a `schema.prisma` and the types of their fields. */
export function parseDataModel(text: string): DataModel {
  const models = [...text.matchAll(MODEL)].map(([, name = '', body = '']) => {
    const fields = [...body.matchAll(FIELD)].map(([, field = '', type = '']) => [field, type] as const);
    return [name, new Map(fields)] as const;
  });
  return new Map(models);
}
