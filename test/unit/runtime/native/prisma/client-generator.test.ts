import { describe, expect, it } from 'vitest';
import {
  generatorError,
  generatorRequests,
  schemaError,
} from '../../../../../src/runtime/native/prisma/client-generator.ts';

describe('generatorRequests', () => {
  const compiled = {
    text: 'model A {}',
    path: '/litellm/schema.prisma',
    config: {
      generators: [{ name: 'client', config: { recursive_type_depth: '-1' } }],
      datasources: [{ name: 'client' }],
    },
    dmmf: { datamodel: { models: [] } },
  };
  const text = generatorRequests(compiled, '/site/prisma');

  it('writes one line of JSON-RPC', () => {
    expect(text.split('\n')).toHaveLength(2);
    expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', id: 1, method: 'generate' });
  });

  it('sends the options of the Prisma CLI without its engines', () => {
    expect(JSON.parse(text).params).toEqual({
      generator: {
        name: 'client',
        config: { recursive_type_depth: '-1' },
        provider: { fromEnvVar: null, value: 'prisma-client-py' },
        output: { fromEnvVar: null, value: '/site/prisma' },
        binaryTargets: [{ fromEnvVar: null, value: 'native', native: true }],
      },
      otherGenerators: [],
      schemaPath: '/litellm/schema.prisma',
      dmmf: compiled.dmmf,
      datasources: compiled.config.datasources,
      datamodel: 'model A {}',
      version: 'ac9d7041ed77bcc8a8dbd2ab6616b39013829574',
      binaryPaths: { queryEngine: {} },
    });
  });
});

describe('generatorError', () => {
  it.each([
    ['{"id":1,"jsonrpc":"2.0","result":null}\n', undefined],
    ['a warning\n{"id":1,"jsonrpc":"2.0","result":null}\n', undefined],
    ['{"id":1,"jsonrpc":"2.0","error":{"code":-32000,"message":"no such type","data":{}}}\n', 'no such type'],
    [
      'Traceback (most recent call last):\n  File "x"\nModuleNotFoundError: No module named prisma\n',
      'ModuleNotFoundError: No module named prisma',
    ],
    ['', 'The generator gave no answer'],
    ['\n', 'The generator gave no answer'],
  ])('finds in %j the error %s', (answer, error) => expect(generatorError(answer)).toBe(error));
});

describe('schemaError', () => {
  it.each([
    [
      new Error('{"error_code":"P1012","message":"error: Type \\"X\\" is neither a type nor a model"}'),
      'Type "X" is neither a type nor a model',
    ],
    [new Error('{}'), '{}'],
    [new Error('ENOENT: no such file'), 'ENOENT: no such file'],
    ['a text', 'a text'],
  ])('reads %s as %s', (error, text) => expect(schemaError(error)).toBe(text));
});
