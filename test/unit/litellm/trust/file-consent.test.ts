import { mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../../../src/context/invocation.ts';
import { outputTo } from '../../../../src/io/terminal/streams.ts';
import { placeOf } from '../../../../src/litellm/config/find-config.ts';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { OWN_GATEWAY } from '../../../../src/litellm/trust/config-identity.ts';
import { fileConsent, type Shown } from '../../../../src/litellm/trust/file-consent.ts';
import { untrust } from '../../../../src/litellm/trust/untrust.ts';
import { resolveSettings } from '../../../../src/model/settings.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const FILE = `# A comment.
name: shop
port: 4123
ui: {password: "file:login"}
providers: {openai: {api_key_env: OPENAI_API_KEY}, azure: {api_key_env: AZURE_API_KEY}}
aliases: {gpt-5: {target: openai/gpt-4o, provider: openai, params: {temperature: 0.2, top_p: 1}}}
`;
const SHOWN: Shown = { lines: ['port 4123'], risks: [], command: 'up' };

let home: string;
let stderr: string;
beforeEach(async () => {
  home = await temporaryFolder();
  stderr = '';
  await write(FILE);
  await writeFile(join(home, 'login'), 'password-1');
});

const write = (text: string, name = 'agents-llm.yaml') => writeFile(join(home, name), text);

/** A user in `home`; `answer` is what is typed where there is a terminal. */
function invocationOf(env: Record<string, string> = {}, answer?: string, project?: string): Invocation {
  const invocation = fakeInvocation({ home, env });
  const output = new PassThrough();
  output.on('data', (chunk) => {
    stderr += chunk;
  });
  const stdin = Object.assign(new PassThrough(), answer === undefined ? {} : { isTTY: true });
  if (answer !== undefined) stdin.write(`${answer}\r`);
  const settings = resolveSettings(project === undefined ? {} : { projectName: project }, env, home, home);
  const streams = {
    ...invocation.context.streams,
    stdin,
    stderr: { ...outputTo(output), isTerminal: answer !== undefined },
  };
  return { ...invocation, settings, context: { ...invocation.context, streams } };
}

async function consent(
  invocation: Invocation,
  { name = 'agents-llm.yaml', gateway = OWN_GATEWAY, trust = false } = {},
) {
  const place = placeOf(invocation.context, name);
  const config = parseConfig(await readFile(place.path, 'utf8'), place);
  return fileConsent({ config, place }, gateway, { trust }, invocation);
}

const settle = async (invocation: Invocation, how?: Parameters<typeof consent>[1], shown = SHOWN) =>
  (await consent(invocation, how)).settle(shown);
const isAllowed = async (how?: Parameters<typeof consent>[1], project?: string) =>
  (await consent(invocationOf({}, undefined, project), how)).isAllowed;

const record = () => join(home, '.local', 'share', 'agents-llm', 'agents-llm', 'allowed-files.json');

describe('a file that was never allowed', () => {
  test('is refused without a terminal, with its contents and the next steps', async () => {
    expect(await caught(() => settle(invocationOf()))).toMatchObject({
      code: 'file_not_allowed',
      exitCode: 3,
      message: 'agents-llm.yaml is not allowed for stack agents-llm yet',
      hint: 'Start without the file: agents-llm up --no-apply\nRead agents-llm.yaml, then allow it: agents-llm up --trust',
      details: { file: join(home, 'agents-llm.yaml'), gateway: 'own', reason: 'new', plan: ['port 4123'], risks: [] },
    });
    expect(stderr).toBe(
      `agents-llm.yaml is not allowed for stack agents-llm yet (${join(home, 'agents-llm.yaml')}):\n  port 4123\n`,
    );
    expect(await caught(() => settle(invocationOf(), {}, { ...SHOWN, command: 'apply' }))).toMatchObject({
      hint: 'Read agents-llm.yaml, then allow it: agents-llm apply --trust',
    });
  });

  test.each(['', 'n', 'no', 'yess'])('is refused by the answer %j, and needs an answer next time', async (answer) => {
    expect(await caught(() => settle(invocationOf({}, answer)))).toMatchObject({ code: 'file_not_allowed' });
    expect(stderr).toContain('Apply agents-llm.yaml to stack agents-llm? [y/N]');
    expect(await isAllowed()).toBe(false);
  });

  test('is allowed once and for all by a yes, stored in a file of the user only', async () => {
    await settle(invocationOf({}, 'y'));
    expect((await stat(record())).mode & 0o777).toBe(0o600);
    await settle(invocationOf());
    expect(await isAllowed()).toBe(true);
  });

  test('is allowed by --trust, which is stored', async () => {
    await settle(invocationOf(), { trust: true });
    expect(await isAllowed()).toBe(true);
  });

  test.each([
    ['AGENTS_LLM_TRUST', '1'],
    ['CI', 'true'],
  ])('is applied under %s=%s, which is not stored', async (name, value) => {
    await settle(invocationOf({ [name]: value }));
    expect(stderr).toBe('');
    expect(await isAllowed()).toBe(false);
  });

  test.each([
    ['AGENTS_LLM_TRUST', '0'],
    ['AGENTS_LLM_TRUST', ''],
    ['CI', '1'],
    ['CI', 'false'],
  ])('is not applied under %s=%s', async (name, value) => {
    expect(await caught(() => settle(invocationOf({ [name]: value })))).toMatchObject({ code: 'file_not_allowed' });
  });
});

describe('an allowed file', () => {
  beforeEach(() => settle(invocationOf({}, 'y')));

  test.each([
    ['a comment', FILE.replace('A comment', 'Another')],
    ['formatting', FILE.replace('port: 4123', 'port:    4123\n')],
    ['the order of entries', FILE.replace(/(openai: \{.*?\}), (azure: \{.*?\})/, '$2, $1')],
    ['the order of parameters', FILE.replace('temperature: 0.2, top_p: 1', 'top_p: 1, temperature: 0.2')],
  ])('stays allowed after a change of %s', async (_, text) => {
    expect(text).not.toBe(FILE);
    await write(text);
    expect(await isAllowed()).toBe(true);
  });

  test.each([
    ['a setting', FILE.replace('4123', '4124')],
    ['a variable', FILE.replace('OPENAI_API_KEY', 'GITHUB_TOKEN')],
    ['a parameter', FILE.replace('0.2', '0.3')],
    ['what is no longer there', FILE.replace(/, azure.*/, '}')],
  ])('needs a new answer after a change of %s', async (_, text) => {
    expect(text).not.toBe(FILE);
    await write(text);
    const error = await caught(() => settle(invocationOf()));
    expect(error).toMatchObject({
      message: 'agents-llm.yaml has changed since you allowed it for stack agents-llm',
      details: { reason: 'changed' },
    });
    await settle(invocationOf({}, 'yes'));
    // Only what was allowed last is: an old commit is asked about again.
    await write(FILE);
    expect(await isAllowed()).toBe(false);
  });

  test('needs a new answer when its password file changes', async () => {
    await writeFile(join(home, 'login'), 'password-2');
    expect(await isAllowed()).toBe(false);
  });

  test('is not allowed for another stack or another LiteLLM', async () => {
    expect(await isAllowed({}, 'two')).toBe(false);
    expect(await isAllowed({ gateway: 'https://llm.example' })).toBe(false);
    await settle(invocationOf({}, 'y'), { gateway: 'https://llm.example' });
    expect(stderr).toContain('Apply agents-llm.yaml to https://llm.example?');
    expect([await isAllowed(), await isAllowed({ gateway: 'https://llm.example' })]).toEqual([true, true]);
  });

  test('is not allowed at another path, or through a link from another folder', async () => {
    await mkdir(join(home, 'other'));
    await writeFile(join(home, 'other', 'agents-llm.yaml'), FILE);
    expect(await isAllowed({ name: 'other/agents-llm.yaml' })).toBe(false);
    await mkdir(join(home, 'link'));
    await symlink(join(home, 'agents-llm.yaml'), join(home, 'link', 'agents-llm.yaml'));
    expect(await isAllowed({ name: 'link/agents-llm.yaml' })).toBe(false);
    await symlink(home, join(home, 'same'));
    expect(await isAllowed({ name: 'same/agents-llm.yaml' })).toBe(true);
  });

  test('is no longer allowed when it becomes a link to another file with the same text', async () => {
    await rename(join(home, 'agents-llm.yaml'), join(home, 'moved.yaml'));
    await symlink('moved.yaml', join(home, 'agents-llm.yaml'));
    expect(await isAllowed()).toBe(false);
  });

  test('is no longer allowed after --untrust, which reports whether it was', async () => {
    const invocation = invocationOf();
    const place = placeOf(invocation.context, 'agents-llm.yaml');
    expect([await untrust(place, invocation), await untrust(place, invocation)]).toEqual([true, false]);
    expect(await isAllowed()).toBe(false);
  });

  test.each(['', '{', '[]', '{"schemaVersion":2,"files":[]}', '{"schemaVersion":1,"files":[{"file":1}]}'])(
    'is not allowed when its record is %j',
    async (text) => {
      await writeFile(record(), text);
      expect(await isAllowed()).toBe(false);
      await settle(invocationOf({}, 'y'));
      expect(await isAllowed()).toBe(true);
    },
  );
});

describe('a risk that needs separate approval', () => {
  const risky: Shown = { ...SHOWN, risks: ['Other machines reach the gateway at 0.0.0.0, not only 127.0.0.1'] };

  test('is shown each time for an allowed file, without the rest of the file', async () => {
    await settle(invocationOf({}, 'y'));
    stderr = '';
    expect(await caught(() => settle(invocationOf(), {}, risky))).toMatchObject({
      code: 'file_not_allowed',
      exitCode: 3,
      message: `agents-llm.yaml needs separate approval for what it changes on stack agents-llm: ${risky.risks[0]}`,
      details: { reason: 'risk', risks: risky.risks },
    });
    expect(stderr).toMatch(/\n! Other machines reach the gateway at 0\.0\.0\.0, not only 127\.0\.0\.1\n$/);
    expect(stderr).not.toContain('port 4123');
    await settle(invocationOf({}, 'y'), {}, risky);
    expect(await caught(() => settle(invocationOf(), {}, risky))).toMatchObject({ code: 'file_not_allowed' });
  });

  test('needs one answer per command, and a new one when the risks grow', async () => {
    const asked = await consent(invocationOf({}, 'y'));
    await asked.settle(risky);
    expect([asked.covers(risky.risks), asked.covers([...risky.risks, 'more']), asked.covers([])]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('is covered by --trust and AGENTS_LLM_TRUST, but not by CI', async () => {
    expect(await caught(() => settle(invocationOf({ CI: 'true' }), {}, risky))).toMatchObject({
      details: { reason: 'risk' },
    });
    await settle(invocationOf({ AGENTS_LLM_TRUST: '1' }), {}, risky);
    await settle(invocationOf({ CI: 'true' }), { trust: true }, risky);
  });
});
