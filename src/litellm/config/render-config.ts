import { Document, visit } from 'yaml';
import { escapeHidden } from '../../text/shown-text.ts';
import type { ConfigFields } from './config-schema.ts';

const comment = (command: string) => [
  `The configuration of this gateway, written by: agents-llm ${command}`,
  'It contains no secrets: each comes from the environment variable that is named here.',
];

/** `schema` is the path of the JSON schema for editors. */
export function renderConfig(fields: ConfigFields, schema: string, command = 'apply --from-proxy'): string {
  const groups = Object.entries(fields).filter(
    ([, value]) => value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
  );
  // A file without entries would be invalid.
  const parts = groups.length === 0 ? ['providers: {}'] : groups.map(([name, value]) => yamlOf({ [name]: value }));
  return `${[schemaLine(schema), ...comment(command).map((line) => `# ${line}`), ...parts].join('\n').trimEnd()}\n`;
}

/** Writes invisible characters as escapes in quotes, so that nothing in the file is hidden. */
function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && escapeHidden(node.value) !== node.value) node.type = 'QUOTE_DOUBLE';
    },
  });
  // Block scalars would not escape their contents.
  return document
    .toString({ blockQuote: false, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
    .split('\n')
    .map(escapeHidden)
    .join('\n');
}

/** The first line of the file. */
export function schemaLine(schema: string): string {
  return `# yaml-language-server: $schema=${schema}`;
}
