import { Document, visit } from 'yaml';
import { escapeHidden } from '../../text/shown-text.ts';
import type { ConfigFields } from './config-schema.ts';

const comment = (command: string) => [
  `The configuration of this gateway, written by: agents-llm ${command}`,
  'It contains no secrets: each comes from the environment variable that is named here.',
];

/** `schema` is where editors find what they complete the file with. */
export function renderConfig(fields: ConfigFields, schema: string, command = 'apply --from-proxy'): string {
  const groups = Object.entries(fields).filter(
    ([, value]) => value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
  );
  // Without an entry it would be an empty file.
  const parts = groups.length === 0 ? ['providers: {}'] : groups.map(([name, value]) => yamlOf({ [name]: value }));
  return `${[schemaLine(schema), ...comment(command).map((line) => `# ${line}`), ...parts].join('\n').trimEnd()}\n`;
}

/** What is no plain letter stands as an escape in quotes, so that the file shows all that is in it. */
function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && escapeHidden(node.value) !== node.value) node.type = 'QUOTE_DOUBLE';
    },
  });
  // As blocks, texts would keep what they hold as it is.
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
