import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { CliError } from '../../model/errors.ts';

type Path = readonly PropertyKey[];

/** A problem at one place of the file. The message never repeats a value. Line and column start at 1. */
export interface ConfigIssue {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A parsed YAML text with the position of each value. */
export interface ConfigDocument {
  readonly value: unknown;
  /** An issue at the value at that path or, if there is none, at the nearest entry above it. */
  issue(path: Path, message: string): ConfigIssue;
  /** An issue at the name of the last entry of that path. */
  issueOfName(path: Path, message: string): ConfigIssue;
  has(path: Path): boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents the line, but YAML allows only spaces',
  BAD_INDENT: 'the indentation differs from the lines around it, or a bracket is not closed',
  MISSING_CHAR: 'a quote, bracket or colon is missing before this',
  BLOCK_AS_IMPLICIT_KEY: 'the line has a second colon: put the value in quotes',
  BAD_ALIAS: 'an alias (*) is not supported here: write it out',
  TAG_RESOLVE_FAILED: 'a tag (!) is not supported here',
  ALIAS_PROPS: 'an alias (*) is not supported here: write it out',
};

const DEEPEST = 100;
const MOST = 10;
const MOST_IN_DETAILS = 100;

/** In the format that editors and terminals turn into a link. */
export function located(file: string, { line, column, message }: ConfigIssue): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** All issues of the file in order, in the format that editors and terminals turn into links. */
export function configInvalid(file: string, issues: readonly ConfigIssue[], hint?: string): CliError {
  const sorted = [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.slice(0, MOST).map((issue) => located(file, issue));
  const more = sorted.length > MOST ? [`${sorted.length - MOST} more`] : [];
  return new CliError('config_invalid', [...lines, ...more], {
    hint: hint ?? 'Correct the file, then check what it would do: agents-llm apply --dry-run',
    details: { file, issues: sorted.slice(0, MOST_IN_DETAILS) },
  });
}

/** `own`: our file, without anchors and merges. `litellm`: LiteLLM's file, in YAML 1.1 with anchors. */
type Dialect = 'own' | 'litellm';

/** The parsed document, or what is wrong with it as YAML. */
export function readDocument(text: string, dialect: Dialect = 'own'): ConfigDocument | readonly ConfigIssue[] {
  const lineCounter = new LineCounter();
  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  // The composer is recursive and could overflow the stack, which Node does not always survive.
  if (isDeep(tokens)) return [{ line: 1, column: 1, message: 'the file is nested too deeply' }];
  // The parser's own messages may repeat the text and so a secret, and its uniqueness check is quadratic.
  const version = dialect === 'litellm' ? ({ version: '1.1', merge: true } as const) : {};
  const composer = new Composer({ lineCounter, prettyErrors: false, uniqueKeys: false, ...version });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (!document) return [{ line: 1, column: 1, message: 'the file is empty' }];
  const at = (offset: number, message: string): ConfigIssue => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col, message };
  };
  if (second) return [at(second.range[0], 'a second document begins here (---), but the file can have only one')];
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    return wrong.map(({ code, pos }) => at(pos[0], WORDS[code] ?? 'this is not valid YAML'));
  }
  const root = document.contents;
  if (root === null) return [at(0, 'the file is empty')];
  const odd = oddities(root, dialect);
  if (odd.length > 0) return odd.map(({ offset, message }) => at(offset, message));
  const value = contentOf(document);
  if (!value) return [{ line: 1, column: 1, message: 'an anchor is used too often' }];
  return {
    ...value,
    issue: (path, message) => at(offsetOf(root, path, false), message),
    issueOfName: (path, message) => at(offsetOf(root, path, true), message),
    has: (path) => reach(root, path).depth === path.length,
  };
}

/** Undefined if recursive anchors would make the value infinite. */
function contentOf(document: Document): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS() };
  } catch {
    return undefined;
  }
}

function isDeep(tokens: readonly CST.Token[]): boolean {
  let level: readonly unknown[] = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return true;
    level = level.flatMap(partsOf);
  }
  return false;
}

/** The items of a collection, or the contents of an item or a document. */
function partsOf(token: unknown): readonly unknown[] {
  if (typeof token !== 'object' || token === null) return [];
  const { items, key, value } = token as { items?: readonly unknown[]; key?: unknown; value?: unknown };
  return [...(items ?? []), key, value].filter((part) => typeof part === 'object' && part !== null);
}

interface Oddity {
  readonly offset: number;
  readonly message: string;
}

/** Valid YAML that is not accepted here. */
function oddities(root: Node, dialect: Dialect): readonly Oddity[] {
  const isOwn = dialect === 'own';
  const found: Oddity[] = [];
  const add = (node: { readonly range?: readonly number[] | null | undefined }, message: string) =>
    found.push({ offset: node.range?.[0] ?? 0, message });
  visit(root, {
    Node(_, node) {
      if (isAlias(node)) isOwn && add(node, 'an alias (*) is not supported here: write it out');
      else if (isMap(node)) for (const key of repeatedNames(node)) add(key, 'this name is used a second time');
      if (isOwn && !isAlias(node) && node.anchor !== undefined)
        add(node, 'an anchor (&) is not supported here: write it out');
    },
    Scalar(_, node) {
      // JSON has no such number, so null would be sent to LiteLLM.
      if (typeof node.value === 'number' && !Number.isFinite(node.value)) add(node, 'this is not a finite number');
    },
    Pair(_, { key }) {
      if (!isScalar(key)) return;
      if (typeof key.value !== 'string') isOwn && add(key, 'a name must be text: put it in quotes');
      else if (key.value.trim() === '' || key.value === '__proto__') add(key, 'this is not a valid name');
      else if (isOwn && key.value === '<<') add(key, 'merging (<<) is not supported here: write it out');
    },
  });
  return found;
}

function repeatedNames({ items }: YAMLMap): readonly Scalar[] {
  const names = new Set<unknown>();
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const isNew = !names.has(key.value);
    names.add(key.value);
    return isNew ? [] : [key];
  });
}

function offsetOf(root: Node, path: Path, name: boolean): number {
  const { node, pair, depth } = reach(root, path);
  const key = pair?.key as Node | undefined;
  return ((name || depth < path.length) && key?.range ? key.range : node.range)?.[0] ?? 0;
}

const namesOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  const names =
    namesOf.get(map) ??
    new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])));
  namesOf.set(map, names);
  return names.get(name);
}

/** Follows the path as far as it exists. */
function reach(
  root: Node,
  path: Path,
): { readonly node: Node; readonly pair: Pair | undefined; readonly depth: number } {
  let node = root;
  let pair: Pair | undefined;
  for (const [depth, step] of path.entries()) {
    const inMap = isMap(node) ? pairOf(node, String(step)) : undefined;
    const next = inMap ? inMap.value : isSeq(node) ? node.items[Number(step)] : undefined;
    if (!next) return { node, pair, depth };
    // An entry of a list has no name.
    pair = inMap;
    node = next as Node;
  }
  return { node, pair, depth: path.length };
}
