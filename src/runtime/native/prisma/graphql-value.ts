import { Kind, type ValueNode } from 'graphql';

/** The value of a GraphQL literal. An integer that a double cannot represent becomes a BigInt of the JSON protocol. */
export function literalValue(node: ValueNode): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : { $type: 'BigInt', value: node.value };
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map(literalValue);
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalValue(value)]));
    case Kind.VARIABLE:
      throw new Error(`Unsupported variable $${node.name.value}`);
    default:
      return node.value;
  }
}

export function isTagged(value: unknown): value is { readonly $type: string; readonly value: unknown } {
  return typeof value === 'object' && value !== null && '$type' in value;
}
