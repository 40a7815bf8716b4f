/** What GitHub's expressions may name in a composite action. */
export interface ActionScope {
  /** By its whole name: `inputs.port`, `steps.up.outputs.url`. */
  readonly names: Readonly<Record<string, string>>;
  readonly failed: boolean;
}

const TOKEN = /\s*(?:(==|!=|&&|\|\||[()])|'((?:[^']|'')*)'|(failure|always)\(\)|([\w.-]+))/y;

/** Every `${{ … }}` in a text. */
export function interpolate(text: string, scope: ActionScope): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, scope)));
}

/** The part of GitHub's expression language that the actions use; anything else fails the test. */
export function evaluate(expression: string, scope: ActionScope): string | boolean {
  const tokens = tokenize(expression);
  const value = or();
  if (tokens.length > 0) throw new Error(`not understood: ${expression}`);
  return value;

  function or(): string | boolean {
    let left = and();
    while (take('||')) {
      const right = and();
      left = left || right;
    }
    return left;
  }
  function and(): string | boolean {
    let left = comparison();
    while (take('&&')) {
      const right = comparison();
      left = left && right;
    }
    return left;
  }
  function comparison(): string | boolean {
    const left = atom();
    if (take('==')) return left === atom();
    return take('!=') ? left !== atom() : left;
  }
  function atom(): string | boolean {
    const token = tokens.shift();
    if (token?.kind === 'text') return token.text;
    if (token?.kind === 'call') return token.text === 'always' || scope.failed;
    if (token?.kind === 'name') return nameOf(token.text);
    if (token?.text !== '(') throw new Error(`not understood: ${expression}`);
    const inner = or();
    if (!take(')')) throw new Error(`no closing bracket: ${expression}`);
    return inner;
  }
  function take(sign: string): boolean {
    if (tokens[0]?.kind !== 'sign' || tokens[0].text !== sign) return false;
    tokens.shift();
    return true;
  }
  function nameOf(name: string): string {
    const found = scope.names[name];
    if (found === undefined) throw new Error(`no such name: ${name}`);
    return found;
  }
}

interface Token {
  readonly kind: 'sign' | 'text' | 'call' | 'name';
  readonly text: string;
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  const text = expression.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, sign, quoted, call, name] = TOKEN.exec(text) ?? [];
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll("''", "'") });
    else if (call !== undefined) tokens.push({ kind: 'call', text: call });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else throw new Error(`not understood: ${expression}`);
  }
  return tokens;
}
