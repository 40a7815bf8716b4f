import { type FieldNode, Kind, parse } from 'graphql';
import type { DataModel } from './data-model.ts';
import { literalValue } from './graphql-value.ts';
import { tagArguments } from './tagged-input.ts';

/** An operation in Prisma's JSON protocol. */
export interface Operation {
  readonly action: string;
  readonly modelName?: string;
  readonly query: Selection;
}

interface Selection {
  readonly arguments: Record<string, unknown>;
  readonly selection: Record<string, unknown>;
}

export interface NamedOperation {
  /** The name of the result in the answer. */
  readonly alias: string;
  readonly operation: Operation;
}

const ACTIONS = [
  ...['findUnique', 'findFirst', 'findMany', 'createOne', 'createMany', 'updateOne', 'updateMany', 'upsertOne'],
  ...['deleteOne', 'deleteMany', 'aggregate', 'groupBy'],
];
const RAW = ['queryRaw', 'executeRaw'];
const STRICT = 'OrThrow';

/**
 * Translates a request of the Python client, which is one GraphQL operation with one field, because the engine's WebAssembly
 * build only accepts JSON.
 */
export function toJsonProtocol(text: string, models: DataModel): NamedOperation {
  const [definition] = parse(text, { noLocation: true }).definitions;
  const field = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections[0] : undefined;
  if (field?.kind !== Kind.FIELD) throw new Error('No operation in the request');
  const target = splitName(field.name.value);
  return {
    alias: field.alias?.value ?? field.name.value,
    operation: { ...target, query: selectionOf(field, target.modelName, models) },
  };
}

/** `findUniqueUserOrThrow` is the action `findUniqueOrThrow` of the model `User`. */
function splitName(name: string): { action: string; modelName?: string } {
  if (RAW.includes(name)) return { action: name };
  const strict = name.endsWith(STRICT) && /^find(Unique|First)/.test(name);
  const base = strict ? name.slice(0, -STRICT.length) : name;
  const action = ACTIONS.find((known) => base.startsWith(known));
  if (!action) throw new Error(`Unknown operation ${name}`);
  return { action: strict ? action + STRICT : action, modelName: base.slice(action.length) };
}

function selectionOf(node: FieldNode, model: string | undefined, models: DataModel): Selection {
  const selection: Record<string, unknown> = {};
  for (const field of node.selectionSet?.selections ?? []) {
    if (field.kind !== Kind.FIELD) throw new Error(`Unsupported selection ${field.kind}`);
    const name = field.name.value;
    const type = models.get(model ?? '')?.get(name);
    const isNested = field.selectionSet !== undefined || (field.arguments?.length ?? 0) > 0;
    selection[name] = isNested ? selectionOf(field, type && models.has(type) ? type : model, models) : true;
  }
  const given = (node.arguments ?? []).map(({ name, value }) => [name.value, literalValue(value)]);
  return { arguments: tagArguments(model, Object.fromEntries(given), models), selection };
}
