import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

export type TextKind = 'text' | 'error' | 'hint' | 'warning' | 'progress' | 'finding' | 'question';

/** Something that the product may say, as it stands in a source; GAP stands for each value in it. */
export interface ProductText {
  /** Relative to `src/`. */
  readonly file: string;
  readonly line: number;
  /** `text` for any literal of several words, wherever it goes. */
  readonly kind: TextKind;
  readonly text: string;
}

export const GAP = '⟨⟩';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

interface Module {
  readonly file: string;
  readonly source: string;
  readonly nodes: readonly Node[];
  /** What names stand for: initial values of constants, and functions. */
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

/** Which argument of a function becomes which kind of text. */
interface Site {
  readonly index: number;
  readonly kind: TextKind;
}

type Sites = ReadonlyMap<string, readonly Site[]>;

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** All that `src/` may say, by the syntax trees of its files. */
export function productTexts(): readonly ProductText[] {
  const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => parseModule(file.replaceAll('\\', '/'), readFileSync(join(SRC, file), 'utf8')));
  return textsIn(modules);
}

/** The same of one source that is given as text. */
export function textsOfSource(source: string, file = 'given.ts'): readonly ProductText[] {
  return textsIn([parseModule(file, source)]);
}

function textsIn(modules: readonly Module[]): readonly ProductText[] {
  const sites = new Map([...KNOWN_SITES, ...modules.flatMap(forwardingFunctions)]);
  const found = modules.flatMap((module) => module.nodes.flatMap((node) => textsAt(node, module, sites)));
  const unique = new Map(found.map((text) => [`${text.file}:${text.line}:${text.kind}:${text.text}`, text]));
  return [...unique.values()];
}

function parseModule(file: string, source: string): Module {
  const nodes: Node[] = [];
  const named = new Map<string, Node[]>();
  const name = (id: unknown, node: unknown) => {
    if (isNode(id) && id.type === 'Identifier' && isNode(node)) {
      named.set(String(id.name), [...(named.get(String(id.name)) ?? []), node]);
    }
  };
  const walk = (node: Node) => {
    if (node.type === 'ImportDeclaration' || node.type.startsWith('TS')) return walkInner(node, node.type);
    nodes.push(node);
    if (node.type === 'VariableDeclarator') name(node.id, node.init);
    if (node.type === 'FunctionDeclaration') name(node.id, node);
    for (const child of childrenOf(node)) walk(child);
  };
  // Types hold no texts; `as`, `satisfies` and `!` hold expressions.
  const walkInner = (node: Node, type: string) => {
    if (/^TS(As|Satisfies|NonNull|TypeAssertion)/.test(type) && isNode(node.expression)) walk(node.expression);
  };
  walk(parseAst(source, { lang: 'ts' }) as unknown as Node);
  return { file, source, nodes, named };
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

const listOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** The name that is called: `fail` of `fail(…)`, `phase` of `progress.phase(…)`, `CliError` of `new CliError(…)`. */
function calleeOf(node: Node): string | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  const { callee } = node;
  if (!isNode(callee)) return undefined;
  const id = callee.type === 'MemberExpression' ? callee.property : callee;
  return isNode(id) && id.type === 'Identifier' ? String(id.name) : undefined;
}

const first = (kind: TextKind): Site => ({ index: 0, kind });
const second = (kind: TextKind): Site => ({ index: 1, kind });

const KNOWN_SITES: Sites = new Map([
  ['CliError', [second('error')]],
  ['MigrationError', [first('error')]],
  ['InvalidArgumentError', [first('error')]],
  ['warn', [first('warning'), second('hint')]],
  ['ok', [first('finding')]],
  ['skip', [first('finding')]],
  ['fail', [second('finding'), { index: 2, kind: 'hint' }]],
  ['phase', [first('progress')]],
  ['onPhase', [first('progress')]],
  ['note', [first('warning')]],
  ['confirm', [first('question')]],
  ['askHidden', [first('question')]],
  ['askChoice', [first('question')]],
]);

/** Functions that give a parameter on as the message or the hint of an error. */
function forwardingFunctions({ named }: Module): [name: string, sites: readonly Site[]][] {
  return [...named].flatMap(([name, nodes]): [string, readonly Site[]][] => {
    const sites = nodes.flatMap(forwarded);
    return sites.length === 0 || KNOWN_SITES.has(name) ? [] : [[name, sites]];
  });
}

function forwarded(node: Node): readonly Site[] {
  const params = listOf(node.params).map((param) => (param.type === 'AssignmentPattern' ? param.left : param));
  const site = (used: unknown, kind: TextKind): readonly Site[] => {
    const index = params.findIndex(
      (param) => isNode(param) && isNode(used) && used.type === 'Identifier' && param.name === used.name,
    );
    return index < 0 ? [] : [{ index, kind }];
  };
  return within(node).flatMap((inner) => {
    if (calleeOf(inner) !== 'CliError') return [];
    const [, message, detail] = listOf(inner.arguments);
    const hint = listOf(detail?.properties).find((property) => keyOf(property) === 'hint')?.value;
    return [...site(message, 'error'), ...site(hint, 'hint')];
  });
}

function within(node: Node): readonly Node[] {
  return [node, ...childrenOf(node).flatMap(within)];
}

const keyOf = (node: Node | undefined) =>
  node?.type === 'Property' && isNode(node.key) ? String(node.key.name ?? node.key.value) : undefined;

const PROPERTY_KINDS: Readonly<Record<string, TextKind>> = { hint: 'hint', fix: 'hint', warnings: 'warning' };

function textsAt(node: Node, module: Module, sites: Sites): readonly ProductText[] {
  const { file, source } = module;
  const line = source.slice(0, node.start).split('\n').length;
  const as = (kind: TextKind, given: unknown) =>
    (isNode(given) ? textsOf(given, module) : []).map((text): ProductText => ({ file, line, kind, text }));
  const name = calleeOf(node);
  const called = name === undefined ? undefined : sites.get(name);
  if (called) {
    const args = listOf(node.arguments);
    return called.flatMap(({ index, kind }) => as(kind, args[index]));
  }
  if (name === 'push' && isWarnings(node)) return listOf(node.arguments).flatMap((given) => as('warning', given));
  const kind = PROPERTY_KINDS[keyOf(node) ?? ''];
  if (kind) return as(kind, node.value);
  if (node.type === 'FunctionDeclaration' && /warnings?$/i.test(String((node.id as Node | null)?.name))) {
    return as('warning', node);
  }
  if (node.type === 'Literal' || node.type === 'TemplateLiteral') {
    return as('text', node).filter(({ text }) => /[a-z]+[,;:]? [a-z]/i.test(text));
  }
  return [];
}

function isWarnings({ callee }: Node): boolean {
  const object = isNode(callee) ? callee.object : undefined;
  return (
    isNode(object) && (object.name === 'warnings' || (isNode(object.property) && object.property.name === 'warnings'))
  );
}

/** What an expression may come to, as far as it stands in the same file. */
function textsOf(node: Node, module: Module, depth = 0): readonly string[] {
  const of = (given: unknown) => (isNode(given) && depth < 8 ? textsOf(given, module, depth + 1) : []);
  const all = (given: unknown) => listOf(given).flatMap(of);
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value.split('\n') : [];
    case 'TemplateLiteral': {
      const quasis = listOf(node.quasis).map(({ value }) => String((value as { cooked: string }).cooked));
      return quasis.join(GAP).split('\n');
    }
    case 'ConditionalExpression':
      return [...of(node.consequent), ...of(node.alternate)];
    case 'LogicalExpression':
      return [...of(node.left), ...of(node.right)];
    case 'BinaryExpression':
      return of(node.left).map((text) => text + GAP);
    case 'ArrayExpression':
      return all(node.elements);
    case 'SpreadElement':
      return of(node.argument);
    case 'Identifier':
      return (module.named.get(String(node.name)) ?? []).flatMap(of);
    case 'AwaitExpression':
      return of(node.argument);
    case 'ArrowFunctionExpression':
    case 'FunctionDeclaration':
      return isNode(node.body) && node.body.type === 'BlockStatement'
        ? returnsOf(node.body).flatMap(of)
        : of(node.body);
    case 'CallExpression': {
      const { callee } = node;
      if (!isNode(callee)) return [];
      if (callee.type === 'Identifier') return of(callee);
      const method = calleeOf(node);
      if (method === 'join') return of(callee.object);
      return method === 'map' || method === 'flatMap' ? all(node.arguments) : [];
    }
    default:
      return isNode(node.expression) ? of(node.expression) : [];
  }
}

function returnsOf(node: Node): readonly Node[] {
  if (/Function/.test(node.type)) return [];
  if (node.type === 'ReturnStatement') return isNode(node.argument) ? [node.argument] : [];
  return childrenOf(node).flatMap(returnsOf);
}
