import prisma from '@prisma/prisma-schema-wasm';
import { listChanges } from './image-facts.js';

/**
 * What changed in the data model. Throws what the schema compiler of the native query engine says of one that it cannot read.
 * @param {string} before the text of a schema.prisma
 * @param {string} after
 * @returns {string[]}
 */
export function schemaChanges(before, after) {
  return listChanges(fieldsOf(before), fieldsOf(after));
}

/** @typedef {{ name: string, type: string, isList: boolean, isRequired: boolean }} Field */

/**
 * `Model.field type` of each field, `Enum.value` of each value.
 * @param {string} text
 * @returns {string[]}
 */
function fieldsOf(text) {
  const { datamodel } = JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: text, noColor: true })));
  /** @type {{ name: string, fields: Field[] }[]} */
  const models = datamodel.models;
  /** @type {{ name: string, values: { name: string }[] }[]} */
  const enums = datamodel.enums;
  return [
    ...models.flatMap(({ name, fields }) =>
      fields.map((field) => `${name}.${field.name} ${field.type}${field.isList ? '[]' : field.isRequired ? '' : '?'}`),
    ),
    ...enums.flatMap(({ name, values }) => values.map((value) => `${name}.${value.name}`)),
  ];
}
