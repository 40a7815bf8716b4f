import { stringify } from 'yaml';
import type { ConfigFields } from './config-schema.ts';

const COMMENT = [
  'What this gateway is to be, written by: agents-llm apply --from-proxy',
  'No secret is in it: each is taken from the variable that is named here.',
];

/** `schema` is where editors find what they complete the file with. */
export function renderConfig(fields: ConfigFields, schema: string): string {
  const groups = Object.entries(fields).filter(
    ([, value]) => value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
  );
  const parts = groups.map(([name, value]) => stringify({ [name]: value }, { aliasDuplicateObjects: false }));
  return [schemaLine(schema), ...COMMENT.map((line) => `# ${line}`), ...parts].join('\n').replace(/\n*$/, '\n');
}

/** The first line of the file. */
export function schemaLine(schema: string): string {
  return `# yaml-language-server: $schema=${schema}`;
}
