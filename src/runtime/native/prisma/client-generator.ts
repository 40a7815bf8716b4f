/** What Prisma's schema compiler says of a schema. */
export interface CompiledSchema {
  readonly text: string;
  readonly path: string;
  readonly config: { readonly generators: readonly Readonly<Record<string, unknown>>[]; readonly datasources: unknown };
  readonly dmmf: unknown;
}

const REQUEST = { jsonrpc: '2.0' } as const;
/** The commit of Prisma 5.4.2, which the Python client was made for. */
const PRISMA = 'ac9d7041ed77bcc8a8dbd2ab6616b39013829574';

/** What the Prisma CLI writes to the stdin of a generator: JSON-RPC, a line a request. `output` is the client's folder. */
export function generatorRequests({ text, path, config, dmmf }: CompiledSchema, output: string): string {
  const value = (of: string) => ({ fromEnvVar: null, value: of });
  const generator = {
    ...config.generators[0],
    provider: value('prisma-client-py'),
    output: value(output),
    binaryTargets: [{ ...value('native'), native: true }],
  };
  const params = {
    generator,
    otherGenerators: [],
    schemaPath: path,
    dmmf,
    datasources: config.datasources,
    datamodel: text,
    version: PRISMA,
    binaryPaths: { queryEngine: {} },
  };
  return `${JSON.stringify({ ...REQUEST, id: 1, method: 'generate', params })}\n`;
}

/** The error in a generator's answer; undefined when it succeeded. */
export function generatorError(answer: string): string | undefined {
  const line = answer.split('\n').find((text) => text.startsWith('{"id":1'));
  if (line === undefined) return answer.trim().split('\n').at(-1) || 'The generator gave no answer';
  const { error } = JSON.parse(line) as { readonly error?: { readonly message: string } };
  return error?.message;
}

/** What the schema compiler throws: an error whose message is JSON, or any other. */
export function schemaError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  try {
    const { message } = JSON.parse(text) as { readonly message?: string };
    return message?.replace(/^error: /, '') ?? text;
  } catch {
    return text;
  }
}
