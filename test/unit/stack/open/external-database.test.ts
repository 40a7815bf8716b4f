import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { StackSpec } from '../../../../src/model/stack-spec.ts';
import type { StackState } from '../../../../src/project/state.ts';
import {
  databaseUrlOf,
  onDatabaseOf,
  requireDatabaseKind,
  requireOwnDatabase,
  restoreByHand,
} from '../../../../src/stack/open/external-database.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';

const own: StackSpec = { project: 'agents-llm', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const external: StackSpec = { ...own, externalDatabase: true };
const state: StackState = {
  ...own,
  ...{ schemaVersion: 1, runtime: 'docker', engine: { endpoint: 'unix:///d', id: 'E' } },
  createdAt: '2026-01-01T00:00:00Z',
};
const URL = 'postgresql://app:secret-of-mine@db:5432/gateway';
const flags = { databaseUrlFromEnv: 'MINE' };

describe('onDatabaseOf', () => {
  const runtime = fakeRuntime({ external: { at: () => fakeRuntime().database, migrationsOf: async () => [] } });

  it('does not change a stack with its own database', () => {
    expect(onDatabaseOf(runtime, own, undefined)).toBe(runtime);
  });

  it('connects to the external database and reports no volume for it', async () => {
    const found = onDatabaseOf(runtime, external, { databaseUrl: new Secret(URL) });
    expect(found.database).not.toBe(runtime.database);
    expect(await found.dataPlace()).toMatchObject({ external: true, volume: 'external database', sharedWith: [] });
  });
});

describe('requireDatabaseKind', () => {
  const docker = fakeRuntime({ external: { at: () => fakeRuntime().database, migrationsOf: async () => [] } });

  it.each([
    ['a new stack', undefined],
    ['a stack that has such a database', { ...state, externalDatabase: true } as const],
  ])('accepts %s', (_, known) => requireDatabaseKind(flags, docker, known));

  it('checks nothing without the flag', () => requireDatabaseKind({}, fakeRuntime({ kind: 'native' }), state));

  it('rejects a stack that has its own database', async () => {
    expect(await caught(() => requireDatabaseKind(flags, docker, state))).toMatchObject({
      code: 'database_unsupported',
      exitCode: EXIT.prerequisite,
      message: 'This stack has its own database, which cannot be changed in place',
      hint: 'Create another stack on the external database: agents-llm -p NAME up --database-url-from-env MINE',
    });
  });

  it('rejects the native runtime', async () => {
    const native = fakeRuntime({ kind: 'native' });
    expect(await caught(() => requireDatabaseKind(flags, native, undefined))).toMatchObject({
      code: 'database_unsupported',
      exitCode: EXIT.prerequisite,
      message: 'The native runtime has its own database, so an external one needs Docker',
      hint: expect.stringMatching(
        /^Leave out .*\nOr create .*: agents-llm -p NAME up --runtime docker --database-url-from-env MINE$/,
      ),
    });
  });
});

describe('databaseUrlOf', () => {
  const invocation = fakeInvocation({ home: '/', env: { MINE: URL, OTHER: 'mysql://app:secret-of-mine@db/x' } });

  it('prefers the variable to the remembered URL and needs none for its own database', () => {
    const before = new Secret('postgresql://app:old@db/gateway');
    expect(databaseUrlOf(flags, invocation, external, before)?.reveal()).toBe(URL);
    expect(databaseUrlOf({}, invocation, external, before)).toBe(before);
    expect(databaseUrlOf({}, invocation, own, undefined)).toBeUndefined();
  });

  it.each([
    ['UNSET', 'Environment variable UNSET is not set', /postgresql:\/\/USER/],
    ['OTHER', 'The URL in OTHER must begin with postgresql://', /Correct it/],
  ])('rejects the value of %s without showing it', async (variable, message, hint) => {
    const given = { databaseUrlFromEnv: variable };
    const error = await caught(() => databaseUrlOf(given, invocation, external, undefined));
    expect(error).toMatchObject({ code: 'usage', exitCode: EXIT.usage, message, hint: expect.stringMatching(hint) });
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('secret-of-mine');
  });

  it('reports a URL that is missing from the secrets', async () => {
    expect(await caught(() => databaseUrlOf({}, invocation, external, undefined))).toMatchObject({
      code: 'secrets_invalid',
      exitCode: EXIT.data,
      message: expect.stringContaining('LITELLM_DATABASE_URL is missing'),
      hint: 'Set it again: agents-llm up --database-url-from-env VAR',
    });
  });
});

it('refuses to restore into an external database and names the commands for it', async () => {
  requireOwnDatabase(own, 'Cannot restore into it', 'x');
  const by = restoreByHand('/b/a.dump');
  expect(await caught(() => requireOwnDatabase(external, 'Cannot restore into it', by))).toMatchObject({
    code: 'database_not_ours',
    exitCode: EXIT.usage,
    message: 'Cannot restore into it',
    hint: expect.stringMatching(/^agents-llm down\npg_restore --clean .* \/b\/a\.dump\nagents-llm up$/),
  });
});
