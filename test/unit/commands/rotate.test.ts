import { beforeEach, describe, expect, test } from 'vitest';
import { EXIT } from '../../../src/model/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { changedSecrets, fingerprintsOf } from '../../../src/project/fingerprints.ts';
import { readSecrets } from '../../../src/project/secrets.ts';
import { readState, writeState } from '../../../src/project/state.ts';
import { type RotateFlags, runRotate } from '../../../src/stack/rotation/rotate-secret.ts';
import { isRotating } from '../../../src/stack/rotation/rotating.ts';
import { caught } from '../../support/caught.ts';
import { fakeHttp } from '../../support/fake-http.ts';
import { fakeInvocation } from '../../support/fake-invocation.ts';
import { type FakeCommand, fakeRunner } from '../../support/fake-runner.ts';
import { addUserData, type FakeStack, fakeStack } from '../../support/fake-stack.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ENV = `LITELLM_MASTER_KEY=sk-0123456789abcdef
LITELLM_SALT_KEY=the-salt-key
POSTGRES_PASSWORD=the-old-password
UI_USERNAME=admin
UI_PASSWORD=admin
`;
const secrets = {
  masterKey: new Secret('sk-0123456789abcdef'),
  saltKey: new Secret('the-salt-key'),
  databasePassword: new Secret('the-old-password'),
};
const id = 'd'.repeat(64);
const psql = `docker exec -i -e PGCONNECT_TIMEOUT -e AGENTS_LLM_CALL ${id} psql -X -q -A -t -v ON_ERROR_STOP=1 -U agents_llm_admin -d postgres -f -`;
const api = 'GET http://docker/v1.41';
const label = 'filters={"label":["com.docker.compose.project=agents-llm"]}';
let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
});

/** A stack whose database runs and whose proxy does not. */
async function setUp(env: string = ENV, commands: readonly FakeCommand[] = [], given = 'sk-given-by-variable') {
  const database = {
    Id: id,
    State: { Status: 'running', Health: { Status: 'healthy' } },
    Config: { Labels: { 'com.docker.compose.service': 'litellm-db' } },
    HostConfig: {},
  };
  const http = fakeHttp([
    { call: 'HEAD http://docker/_ping', answer: { headers: { 'api-version': '1.41' } }, repeat: true },
    { call: `${api}/info`, answer: { json: { ID: 'E', OSType: 'linux', Architecture: 'x86_64' } }, repeat: true },
    { call: `${api}/containers/json?all=1&${label}`, answer: { json: [{ Id: id }] }, repeat: true },
    { call: `${api}/containers/${id}/json`, answer: { json: database }, repeat: true },
  ]);
  const version = { line: 'docker compose version --short', result: { stdout: '2.26.1' }, repeat: true };
  const runner = fakeRunner([version, ...commands]);
  const variables = { AGENTS_LLM_HOME: home, DOCKER_HOST: 'unix:///docker.sock', NEW: given };
  const invocation = fakeInvocation({ home, env: variables, http, runner });
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  await files.makeFolder(paths.folder);
  await files.write(paths.secrets, env, 0o600);
  await writeState(files, paths, {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port: 4000,
    image: 'l:1',
    databaseImage: 'p:1',
    engine: { endpoint: 'unix:///docker.sock', id: 'E' },
    createdAt: '2026-01-01T00:00:00Z',
    fingerprints: fingerprintsOf(secrets, 'salt'),
  });
  const now = async () => {
    const [found, state] = await Promise.all([readSecrets(files, paths), readState(files, paths)]);
    if (!found || !state?.fingerprints) throw new Error('nothing is there');
    return { secrets: found, fingerprints: state.fingerprints };
  };
  const rotate = (name: 'masterKey' | 'databasePassword', flags: Partial<RotateFlags> = {}) =>
    runRotate(name, { timeout: 1000, ...flags }, invocation);
  return { rotate, now, runner };
}

test('generates a master key and keeps the other secrets', async () => {
  const { rotate, now } = await setUp();
  const { data } = await rotate('masterKey');
  const { secrets: found, fingerprints } = await now();
  expect(found.masterKey.reveal()).toMatch(/^sk-[0-9a-f]{48}$/);
  expect(found.saltKey.reveal()).toBe('the-salt-key');
  expect(changedSecrets(found, fingerprints)).toEqual([]);
  expect(isRotating(fingerprints)).toBe(false);
  expect(data).toMatchObject({ secret: 'LITELLM_MASTER_KEY', restarted: false });
  expect(JSON.stringify(data)).not.toContain(found.masterKey.reveal());
});

test('reads a master key from a variable, or as it is written', async () => {
  const given = await setUp();
  await given.rotate('masterKey', { fromEnv: 'NEW' });
  expect((await given.now()).secrets.masterKey.reveal()).toBe('sk-given-by-variable');
  const written = await setUp(ENV.replace('sk-0123456789abcdef', 'sk-written-by-hand'));
  await written.rotate('masterKey', { asWritten: true });
  const { secrets: found, fingerprints } = await written.now();
  expect(found.masterKey.reveal()).toBe('sk-written-by-hand');
  expect(changedSecrets(found, fingerprints)).toEqual([]);
});

test('passes the new password to the database by stdin before it writes the file', async () => {
  let inFile = '';
  const world = await setUp(ENV, [
    {
      line: psql,
      result: async ({ stdin }) => {
        inFile = (await world.now()).secrets.databasePassword.reveal();
        expect(isRotating((await world.now()).fingerprints)).toBe(true);
        expect(stdin).toMatchObject({
          text: expect.stringMatching(/^SET .*;\nSET .*;\nALTER ROLE litellm PASSWORD '[0-9a-f]{48}';\n$/),
        });
        return {};
      },
    },
  ]);
  await world.rotate('databasePassword');
  const { secrets: found, fingerprints } = await world.now();
  expect(inFile).toBe('the-old-password');
  expect(found.databasePassword.reveal()).toMatch(/^[0-9a-f]{48}$/);
  expect(isRotating(fingerprints)).toBe(false);
  world.runner.assertDone();
});

describe('a rotation on a running stack', () => {
  const rotate = (name: 'masterKey' | 'databasePassword', { invocation, runtimeFor }: FakeStack) =>
    runRotate(name, { timeout: 60_000, asWritten: true }, invocation, runtimeFor);

  test('replaces the LiteLLM container and checks the data', async () => {
    const stack = await fakeStack();
    addUserData(stack);
    expect((await rotate('databasePassword', stack)).data).toMatchObject({ restarted: true });
    expect(stack.calls).toEqual(['password the-password', 'start litellm-db+litellm, new litellm']);
  });

  test('names data that can no longer be read', async () => {
    const stack = await fakeStack({
      onStart: () => {
        for (const model of stack.proxy.state.models) model.live = false;
      },
    });
    addUserData(stack);
    expect(await caught(() => rotate('masterKey', stack))).toMatchObject({
      code: 'data_lost',
      exitCode: EXIT.data,
      message: 'Alias gpt-5 is unreadable: it is in the database, but LiteLLM does not show it (1 in all)',
      hint: 'Restore a backup: agents-llm restore latest',
      details: { losses: [{ kind: 'alias', name: 'gpt-5', what: 'unreadable' }] },
    });
  });
});

describe('a failed rotation', () => {
  test('keeps both passwords valid when the database refuses', async () => {
    const { rotate, now } = await setUp(ENV, [{ line: psql, result: { exitCode: 3, stderr: 'ERROR: no\n' } }]);
    expect(await caught(() => rotate('databasePassword'))).toMatchObject({ code: 'database_failed' });
    const { secrets: found, fingerprints } = await now();
    expect(found.databasePassword.reveal()).toBe('the-old-password');
    expect(changedSecrets(found, fingerprints)).toEqual([]);
  });

  test('refuses a changed salt key', async () => {
    const { rotate } = await setUp(ENV.replace('the-salt-key', 'another-salt'));
    expect(await caught(() => rotate('masterKey'))).toMatchObject({ code: 'secrets_changed', exitCode: EXIT.data });
  });

  test.each([
    ['databasePassword', "it's", 'can only contain A-Z a-z 0-9 _ . : / @ + = -'],
    ['databasePassword', 'p$ss word', 'can only contain A-Z a-z 0-9 _ . : / @ + = -'],
    ['databasePassword', ' ', 'is blank'],
    ['databasePassword', '', 'is not set'],
    ['masterKey', 'no-such-beginning', 'must begin with sk-'],
  ] as const)('refuses a %s of %j and changes nothing', async (name, value, problem) => {
    const { rotate, now, runner } = await setUp(ENV, [], value);
    expect(await caught(() => rotate(name, { fromEnv: 'NEW' }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: `Environment variable NEW ${problem}`,
      hint: 'Set it to another value\nOr leave out --from-env to have a value generated',
    });
    const { secrets: found, fingerprints } = await now();
    expect(found[name].reveal()).toBe(secrets[name].reveal());
    expect(isRotating(fingerprints)).toBe(false);
    runner.assertDone();
  });
});
