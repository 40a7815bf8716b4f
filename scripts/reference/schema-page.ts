import { code, MADE_BY, page, table } from './markdown.ts';

/** As much of a JSON schema as agents-llm.yaml has. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The fields of agents-llm.yaml, each with its path. */
export function schemaPage(schema: Schema): string {
  return page(
    MADE_BY,
    '# agents-llm.yaml',
    'Every field. `NAME` is a name that you choose. Guide: [configuration.md](../configuration.md). For editors: `templates/agents-llm.schema.json` of the package.',
    table(['field', 'type', 'meaning'], fieldsOf(schema, '')),
  );
}

function fieldsOf(schema: Schema, path: string): readonly (readonly string[])[] {
  const inner = [schema, ...(schema.anyOf ?? [])];
  return inner.flatMap(({ properties = {}, additionalProperties }) => [
    ...Object.entries(properties).flatMap(([name, field]) => rowsOf(field, path === '' ? name : `${path}.${name}`)),
    ...(typeof additionalProperties === 'object' ? nested(additionalProperties, `${path}.NAME`) : []),
  ]);
}

function rowsOf(field: Schema, path: string): readonly (readonly string[])[] {
  return [[code(path), typeOf(field), field.description ?? ''], ...fieldsOf(field, path)];
}

/** An entry whose name the user chooses has a row of its own only if it has no fields and more to say than its map. */
function nested(entry: Schema, path: string): readonly (readonly string[])[] {
  const fields = fieldsOf(entry, path);
  if (fields.length > 0 || !entry.description) return fields;
  return [[code(path), typeOf(entry), entry.description]];
}

function typeOf({ type, anyOf, items }: Schema): string {
  if (type === 'array' && items) return `list of ${typeOf(items)}`;
  if (type === 'object') return 'map';
  const types = type === undefined ? (anyOf ?? []).map(typeOf) : [type];
  return [...new Set(types.filter((each) => each !== '' && each !== 'null'))].join(' or ');
}
