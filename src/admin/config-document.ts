import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { ConfigIssue } from './config-issues.ts';

type Path = readonly PropertyKey[];

/** A YAML text whose places are known. */
export interface ConfigDocument {
  readonly value: unknown;
  /** Of the value at that path or, where there is none, of the nearest entry above it. */
  issue(path: Path, message: string): ConfigIssue;
  /** Of the name of the last entry of that path. */
  issueOfName(path: Path, message: string): ConfigIssue;
  has(path: Path): boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents the line: YAML takes spaces alone',
  DUPLICATE_KEY: 'this name stands here a second time',
  MULTIPLE_DOCS: 'a second document begins here (---): the file is one',
  BAD_INDENT: 'the line is not indented as those around it, or a bracket is not closed',
  MISSING_CHAR: 'a quote, a bracket or a colon is missing before this',
  BLOCK_AS_IMPLICIT_KEY: 'there is a second colon in the line: write the value in quotes',
  BAD_ALIAS: 'an alias (*) is not understood here: write it out',
  TAG_RESOLVE_FAILED: 'a tag (!) is not understood here',
  ALIAS_PROPS: 'an alias (*) is not understood here: write it out',
};

/** The text as a document, or what is wrong with it as YAML. */
export function readDocument(text: string): ConfigDocument | readonly ConfigIssue[] {
  const lineCounter = new LineCounter();
  // The parser's own messages may repeat the text, and with it a secret.
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number, message: string): ConfigIssue => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col, message };
  };
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    return wrong.map(({ code, pos }) => at(pos[0], WORDS[code] ?? 'this is no YAML that is understood'));
  }
  const root = document.contents;
  if (root === null) return [at(0, 'the file is empty')];
  const odd = oddities(root);
  if (odd.length > 0) return odd.map(({ offset, message }) => at(offset, message));
  return {
    value: document.toJS(),
    issue: (path, message) => at(offsetOf(root, path, false), message),
    issueOfName: (path, message) => at(offsetOf(root, path, true), message),
    has: (path) => reach(root, path).depth === path.length,
  };
}

interface Oddity {
  readonly offset: number;
  readonly message: string;
}

/** What is YAML, and is not taken here, where a reader and an editor are to see what there is. */
function oddities(root: Node): readonly Oddity[] {
  const found: Oddity[] = [];
  const add = (node: { readonly range?: readonly number[] | null | undefined }, message: string) =>
    found.push({ offset: node.range?.[0] ?? 0, message });
  visit(root, {
    Node(_, node) {
      if (isAlias(node)) add(node, 'an alias (*) is not understood here: write it out');
      else if (node.anchor !== undefined) add(node, 'an anchor (&) is not understood here: write it out');
    },
    Scalar(_, node) {
      // LiteLLM would be sent null: JSON has no such number.
      if (typeof node.value === 'number' && !Number.isFinite(node.value)) add(node, 'This is not a finite number');
    },
    Pair(_, { key }) {
      if (!isScalar(key)) return;
      if (typeof key.value !== 'string') add(key, 'a name is text: write it in quotes');
      else if (key.value.trim() === '' || key.value === '__proto__') add(key, 'this is no name');
      else if (key.value === '<<') add(key, 'merging (<<) is not understood here: write it out');
    },
  });
  return found;
}

function offsetOf(root: Node, path: Path, name: boolean): number {
  const { node, pair, depth } = reach(root, path);
  const key = pair?.key as Node | undefined;
  return ((name || depth < path.length) && key?.range ? key.range : node.range)?.[0] ?? 0;
}

/** As far as the path leads. */
function reach(
  root: Node,
  path: Path,
): { readonly node: Node; readonly pair: Pair | undefined; readonly depth: number } {
  let node = root;
  let pair: Pair | undefined;
  for (const [depth, step] of path.entries()) {
    const inMap = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    const next = inMap ? inMap.value : isSeq(node) ? node.items[Number(step)] : undefined;
    if (!next) return { node, pair, depth };
    if (inMap) pair = inMap;
    node = next as Node;
  }
  return { node, pair, depth: path.length };
}
