import { expect, test } from 'vitest';
import { carryOut, disconnect, planConnection } from '../../../../src/agents/connect/connect-agent.ts';
import { connectable } from '../../../../src/agents/connect/connections.ts';
import { readReceipt } from '../../../../src/agents/connect/receipt.ts';
import { caught } from '../../../support/caught.ts';
import { fakeFiles } from '../../../support/fake-files.ts';

const ACCESS = { root: 'http://127.0.0.1:4000', key: 'sk-virtual', model: 'gpt-5' };

test('fails when settings cannot be written, and can still undo what was planned', async () => {
  const files = fakeFiles({ '/home/ada/.claude/settings.json': '{}' });
  const world = { env: {}, files, home: '/home/ada', uid: 1000 };
  const connecting = { folder: '/data/agents', access: ACCESS, isOwnStack: true, keyAlias: 'agent-claude' };
  const plan = await planConnection(connectable('claude'), connecting, world);
  const readOnly = {
    ...files,
    async write(path: string, text: string, mode: number) {
      if (path.startsWith('/home')) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      await files.write(path, text, mode);
    },
  };
  const error = await caught(() => carryOut('/data/agents', plan, { ...world, files: readOnly }));
  expect(error).toMatchObject({
    code: 'state_unwritable',
    exitCode: 1,
    message: '/home/ada/.claude/settings.json cannot be written (EACCES)',
    hint: 'Check the permissions of /home/ada/.claude',
  });
  expect(files.all.get('/home/ada/.claude/settings.json')?.text).toBe('{}');
  expect(await readReceipt(files, '/data/agents', 'claude')).toMatchObject({ agent: 'claude' });
  expect(JSON.stringify([...files.all.values()])).not.toContain('sk-virtual');
});

test("refuses to change another user's settings", async () => {
  const files = fakeFiles({ '/home/ada/.claude/settings.json': '{}' });
  const world = { env: {}, files, home: '/home/ada', uid: 1001 };
  const connecting = { folder: '/data/agents', access: ACCESS, isOwnStack: true, keyAlias: 'agent-claude' };
  const error = await caught(() => planConnection(connectable('claude'), connecting, world));
  expect(error).toMatchObject({
    code: 'agent_settings_invalid',
    exitCode: 2,
    message: '/home/ada/.claude/settings.json belongs to another user, so it is not changed',
    hint: 'Replace it with a file of your own, then run the command again\nOr use the gateway without changing settings: agents-llm launch --list',
  });
});

test('shows no line for removed settings that stay absent', async () => {
  const files = fakeFiles({ '/home/ada/.claude/settings.json': '{}' });
  const world = { env: {}, files, home: '/home/ada', uid: 1000 };
  const connecting = { folder: '/data/agents', access: ACCESS, isOwnStack: true, keyAlias: 'agent-claude' };
  await carryOut('/data/agents', await planConnection(connectable('claude'), connecting, world), world);
  const undone = await disconnect('claude', '/data/agents', world);
  expect(undone?.changes.map(({ setting }) => setting)).not.toContain('env.CLAUDE_CODE_USE_VERTEX');
  expect(undone?.changes).toHaveLength(8);
});
