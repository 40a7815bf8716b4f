import { beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { isRestoring, openUndone, undoRestore } from '../../../../src/stack/backup/undo-restore.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { fakeStack } from '../../../support/fake-stack.ts';
import { serviceState } from '../../../support/service-state.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const env = (salt: string) =>
  `LITELLM_MASTER_KEY=sk-0123456789abcdef\nLITELLM_SALT_KEY=${salt}\nPOSTGRES_PASSWORD=pass-word\nUI_USERNAME=admin\nUI_PASSWORD=admin\n`;
const spec = { project: 'agents-llm', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const NO_DATA = { volume: null, mounted: null, sharedWith: [] };
let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
});

/** A restore that was killed; `before` is whether the database of before is still there. */
async function setUp(before: boolean) {
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  await files.makeFolder(paths.folder);
  await files.write(paths.secrets, env('salt-of-the-archive'), 0o600);
  await files.write(paths.secretsBefore, env('salt-of-before'), 0o600);
  const renames: string[] = [];
  const runtime = fakeRuntime({
    services: async () => [serviceState({ service: 'litellm-db' })],
    dataPlace: async () => NO_DATA,
    stop: async (services) => void renames.push(`stop ${services}`),
    database: {
      administer: async (script) => {
        if (script.includes('RENAME')) renames.push('swap back');
        return script.startsWith('SELECT count') ? `${before ? 1 : 0}\n` : '';
      },
    },
  });
  return {
    invocation,
    runtime,
    renames,
    salt: async () => /SALT_KEY=(.*)/.exec((await files.read(paths.secrets)) ?? '')?.[1],
  };
}

test('restores the previous data and secrets together', async () => {
  const { invocation, runtime, renames, salt } = await setUp(true);
  expect(await isRestoring(invocation)).toBe(true);
  await undoRestore(invocation, runtime, spec);
  expect(renames).toEqual(['stop litellm', 'swap back']);
  expect(await salt()).toBe('salt-of-before');
  expect(await isRestoring(invocation)).toBe(false);
});

test('keeps the new secrets when the previous data no longer exists', async () => {
  const { invocation, runtime, renames, salt } = await setUp(false);
  await undoRestore(invocation, runtime, spec);
  expect(renames).toEqual(['stop litellm']);
  expect(await salt()).toBe('salt-of-the-archive');
  expect(await isRestoring(invocation)).toBe(false);
});

test('changes nothing and starts no database without a volume', async () => {
  const stack = await fakeStack({ runs: false, runtime: { dataPlace: async () => NO_DATA } });
  const { files } = stack.invocation.context;
  const { paths } = stack.invocation.settings;
  await files.write(paths.secretsBefore, env('salt-of-before'), 0o600);
  await openUndone(stack.invocation, stack.runtimeFor);
  expect(stack.calls).toEqual([]);
  expect(await isRestoring(stack.invocation)).toBe(true);
});

test('changes nothing on another engine', async () => {
  const engine = { endpoint: 'unix:///elsewhere.sock', id: 'F' };
  const stack = await fakeStack({ state: { engine } });
  await stack.invocation.context.files.write(stack.invocation.settings.paths.secretsBefore, env('salt'), 0o600);
  expect(await caught(() => openUndone(stack.invocation, stack.runtimeFor))).toMatchObject({
    code: 'engine_changed',
    exitCode: EXIT.prerequisite,
    hint: expect.stringContaining('DOCKER_HOST=unix:///elsewhere.sock agents-llm up'),
  });
  expect(stack.calls).toEqual([]);
});
