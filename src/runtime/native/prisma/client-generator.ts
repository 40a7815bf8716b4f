/** A schema and what Prisma's schema compiler returns for it. */
export interface CompiledSchema {
  readonly text: string;
  readonly path: string;
  readonly config: { readonly generators: readonly Readonly<Record<string, unknown>>[]; readonly datasources: unknown };
  readonly dmmf: unknown;
}

const JSON_RPC = { jsonrpc: '2.0' } as const;
/** The commit of Prisma 5.4.2, which the Python client was made for. */
const PRISMA_COMMIT = 'ac9d7041ed77bcc8a8dbd2ab6616b39013829574';

/** What the Prisma CLI writes to the stdin of a generator: JSON-RPC, one line per request. `output` is the client's folder. */
export function generatorRequests({ text, path, config, dmmf }: CompiledSchema, output: string): string {
  const literal = (value: string) => ({ fromEnvVar: null, value });
  const generator = {
    ...config.generators[0],
    provider: literal('prisma-client-py'),
    output: literal(output),
    binaryTargets: [{ ...literal('native'), native: true }],
  };
  const params = {
    generator,
    otherGenerators: [],
    schemaPath: path,
    dmmf,
    datasources: config.datasources,
    datamodel: text,
    version: PRISMA_COMMIT,
    binaryPaths: { queryEngine: {} },
  };
  return `${JSON.stringify({ ...JSON_RPC, id: 1, method: 'generate', params })}\n`;
}

/** The error in a generator's answer; undefined if it succeeded. */
export function generatorError(answer: string): string | undefined {
  const line = answer.split('\n').find((text) => text.startsWith('{"id":1'));
  if (line === undefined) return answer.trim().split('\n').at(-1) || 'The generator gave no answer';
  const { error } = JSON.parse(line) as { readonly error?: { readonly message: string } };
  return error?.message;
}

/** The message of an error of the schema compiler, which may be JSON. */
export function schemaError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  try {
    const { message } = JSON.parse(text) as { readonly message?: string };
    return message?.replace(/^error: /, '') ?? text;
  } catch {
    return text;
  }
}
