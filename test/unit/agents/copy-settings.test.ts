import { describe, expect, test } from 'vitest';
import { agentNamed } from '../../../src/agents/agents.ts';
import { copySettings, settingsPlace } from '../../../src/agents/copy-settings.ts';
import { caught } from '../../support/caught.ts';
import { fakeFiles } from '../../support/fake-files.ts';

const ACCESS = { root: 'http://127.0.0.1:4000', model: 'gpt-5' };
const PLACE = { users: '/home/ada/.gemini', own: '/data/agents/gemini/.gemini' };

function geminiCopy() {
  const copy = agentNamed('gemini').settingsCopy;
  if (!copy) throw new Error('the Gemini CLI needs a copy');
  return copy;
}

async function copied(initial: Readonly<Record<string, string | Error>>) {
  const files = fakeFiles(initial);
  await copySettings(geminiCopy(), PLACE, ACCESS, { files });
  return files;
}

describe("the copy of an agent's settings", () => {
  test("keeps the user's settings and changes only the login", async () => {
    const users =
      '{\n  // mine\n  "ui": {"theme": "dark"},\n  "security": {"auth": {"selectedType": "oauth-personal"}, "sandbox": true},\n}';
    const files = await copied({ '/home/ada/.gemini/settings.json': users });
    const copy = files.all.get('/data/agents/gemini/.gemini/settings.json');
    expect(copy?.mode).toBe(0o600);
    expect(JSON.parse(copy?.text ?? '')).toEqual({
      ui: { theme: 'dark' },
      security: { auth: { selectedType: 'gemini-api-key' }, sandbox: true },
      modelConfigs: {
        customOverrides: expect.arrayContaining([
          { match: { model: 'gemini-3-pro-preview' }, modelConfig: { model: 'gpt-5' } },
        ]),
      },
    });
    expect(files.all.get('/home/ada/.gemini/settings.json')?.text).toBe(users);
  });

  test("adds to the user's own model settings", async () => {
    const mine = { match: { model: 'mine' }, modelConfig: { model: 'fast' } };
    const users = JSON.stringify({ modelConfigs: { customOverrides: [mine], customAliases: {} } });
    const files = await copied({ '/home/ada/.gemini/settings.json': users });
    const { modelConfigs } = JSON.parse(files.all.get('/data/agents/gemini/.gemini/settings.json')?.text ?? '');
    expect(modelConfigs.customAliases).toEqual({});
    expect(modelConfigs.customOverrides[0]).toEqual(mine);
    expect(modelConfigs.customOverrides.length).toBeGreaterThan(1);
  });

  test('links the other files next to the settings', async () => {
    const files = await copied({ '/home/ada/.gemini/GEMINI.md': 'Be brief.' });
    expect(files.all.get('/data/agents/gemini/.gemini/GEMINI.md')?.text).toBe('-> /home/ada/.gemini/GEMINI.md');
  });

  test('is made without links where the user cannot create them, as on Windows', async () => {
    const files = fakeFiles({ '/home/ada/.gemini/GEMINI.md': 'Be brief.' });
    const linkTo = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    await copySettings(geminiCopy(), PLACE, ACCESS, { files: { ...files, linkTo } });
    expect(files.all.get('/data/agents/gemini/.gemini/settings.json')?.text).toContain('gemini-api-key');
    expect(files.all.has('/data/agents/gemini/.gemini/GEMINI.md')).toBe(false);
  });

  test.each(['', '// nothing yet\n'])('is created from scratch when the file has no settings: %j', async (text) => {
    const files = await copied({ '/home/ada/.gemini/settings.json': text });
    expect(files.all.get('/data/agents/gemini/.gemini/settings.json')?.text).toContain('gemini-api-key');
  });

  test.each([
    ['{"ui": ', 'value expected in line 1'],
    ['[1]', 'the settings are not an object'],
    ['"text"', 'the settings are not an object'],
  ])('fails when the settings are invalid: %s', async (text, why) => {
    const error = await caught(() => copied({ '/home/ada/.gemini/settings.json': text }));
    expect(error).toMatchObject({
      code: 'agent_settings_invalid',
      exitCode: 2,
      message: `/home/ada/.gemini/settings.json is not valid JSON: ${why}`,
      hint: 'Correct the file, then run the command again',
    });
  });
});

test('refuses settings that cannot be read', async () => {
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  const error = await caught(() => copied({ '/home/ada/.gemini/settings.json': denied }));
  expect(error).toMatchObject({
    code: 'agent_settings_invalid',
    exitCode: 2,
    message: '/home/ada/.gemini/settings.json cannot be read (EACCES)',
    hint: 'Make it a file that you can read, then run the command again',
  });
});

test("finds the user's own settings where the agent reads them", () => {
  expect(settingsPlace(geminiCopy(), '/data/agents/gemini', { env: {}, home: '/home/ada' })).toEqual(PLACE);
  const moved = { env: { GEMINI_CLI_HOME: '/elsewhere' }, home: '/home/ada' };
  expect(settingsPlace(geminiCopy(), '/data/agents/gemini', moved).users).toBe('/elsewhere/.gemini');
});
