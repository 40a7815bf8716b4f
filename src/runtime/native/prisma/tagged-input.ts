import type { DataModel } from './data-model.ts';
import { isTagged } from './graphql-value.ts';

type Input = Readonly<Record<string, unknown>>;

/** Arguments that contain fields of the model; all others stay unchanged. */
const FIELD_ARGUMENTS = new Set(['where', 'cursor', 'having', 'data', 'create', 'update']);
/** Operations on the other side of a relation that have such arguments themselves. */
const NESTED_WITH_ARGUMENTS = new Set(['updateMany', 'upsert', 'connectOrCreate', 'createMany']);
/** Operations and filters on the other side of a relation that contain its fields. */
const NESTED_WITH_FIELDS = new Set([
  ...['create', 'connect', 'disconnect', 'set', 'delete', 'deleteMany'],
  ...['some', 'every', 'none', 'is', 'isNot'],
]);
/** Parts of a filter on a Json field that are not JSON themselves. */
const PLAIN_IN_JSON = new Set(['path', 'mode', 'string_contains', 'string_starts_with', 'string_ends_with']);

/** Tags the values of Json fields: in GraphQL they are strings, but the JSON protocol needs a tag. */
export function tagArguments(model: string | undefined, given: Input, models: DataModel): Record<string, unknown> {
  const tagged = Object.entries(given).map(([name, value]) => {
    return [name, FIELD_ARGUMENTS.has(name) ? tagFields(model, value, models) : value];
  });
  return Object.fromEntries(tagged);
}

/** Tags fields of a model, also in lists and combinations such as `AND` and unique pairs. */
function tagFields(model: string | undefined, value: unknown, models: DataModel): unknown {
  return eachEntry(value, (key, inner) => {
    const type = models.get(model ?? '')?.get(key);
    if (type === undefined) return tagFields(model, inner, models);
    return models.has(type) ? tagRelation(type, inner, models) : tagScalar(type, inner);
  });
}

function tagRelation(model: string, value: unknown, models: DataModel): unknown {
  return eachEntry(value, (key, inner) => {
    if (NESTED_WITH_ARGUMENTS.has(key) || (key === 'update' && hasArguments(inner))) {
      return eachEntry(inner, (name, part) => tagArguments(model, { [name]: part }, models)[name]);
    }
    if (NESTED_WITH_FIELDS.has(key) || key === 'update') return tagFields(model, inner, models);
    const filter = tagFields(model, { [key]: inner }, models) as Input;
    return filter[key];
  });
}

/** `update` has `where` and `data` for a list relation, but the fields themselves for a single one. */
function hasArguments(value: unknown): boolean {
  return [value]
    .flat()
    .every((item) => typeof item === 'object' && item !== null && isInput(item) && isInput(item.data));
}

function tagScalar(type: string, value: unknown): unknown {
  if (type === 'Json') return tagJson(value);
  if (type === 'Float') return untagged(value);
  return value;
}

function tagJson(value: unknown): unknown {
  if (typeof value === 'string') return { $type: 'Json', value };
  return eachEntry(value, (key, inner) => (PLAIN_IN_JSON.has(key) ? inner : tagJson(inner)), tagJson);
}

/** A large number without a fraction looks like a BigInt. */
function untagged(value: unknown): unknown {
  if (isTagged(value)) return Number(value.value);
  return eachEntry(value, (_, inner) => untagged(inner), untagged);
}

function isInput(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isTagged(value);
}

/** Copies an object, or each item of a list by `item`, with changed values. Returns anything else unchanged. */
function eachEntry(
  value: unknown,
  change: (key: string, value: unknown) => unknown,
  item: (value: unknown) => unknown = (entry) => eachEntry(entry, change),
): unknown {
  if (Array.isArray(value)) return value.map(item);
  if (!isInput(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(key, inner)]));
}
