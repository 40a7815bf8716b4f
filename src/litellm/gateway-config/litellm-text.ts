import { Document, type ScalarTag, visit } from 'yaml';
import { escapeHidden } from '../../text/shown-text.ts';

/** LiteLLM's YAML parser reads 1e-7 as text, so it is written as 1.0e-7. */
const EXPONENT: ScalarTag = {
  identify: (value) => typeof value === 'number' && /^-?\d+e/.test(String(value)),
  default: true,
  tag: 'tag:yaml.org,2002:float',
  test: /^(?!)/,
  resolve: Number,
  stringify: ({ value }) => String(value).replace('e', '.0e'),
};

/** A configuration in YAML 1.1, as LiteLLM reads it. */
export function litellmText(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    aliasDuplicateObjects: false,
    customTags: (tags) => [EXPONENT, ...tags],
  });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && escapeHidden(node.value) !== node.value) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({
    lineWidth: 0,
    directives: false,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
  return text.split('\n').map(escapeHidden).join('\n');
}
