import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../../src/io/files/files.ts';
import { projectPaths } from '../../../src/model/paths.ts';
import { Secret } from '../../../src/model/secret.ts';
import {
  allSecrets,
  makeSecrets,
  readSecrets,
  type StackSecrets,
  setSecrets,
  writeSecrets,
} from '../../../src/project/secrets.ts';
import { caught } from '../../support/caught.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const right = {
  LITELLM_MASTER_KEY: 'sk-0123456789abcdef',
  LITELLM_SALT_KEY: 'salt-of-the-stack',
  POSTGRES_PASSWORD: 'password-of-the-database',
  UI_USERNAME: 'admin',
  UI_PASSWORD: 'admin',
};
const lines = (values: Readonly<Record<string, string | undefined>>) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

function reveal(secrets: StackSecrets | undefined) {
  return {
    LITELLM_MASTER_KEY: secrets?.masterKey.reveal(),
    LITELLM_SALT_KEY: secrets?.saltKey.reveal(),
    POSTGRES_PASSWORD: secrets?.databasePassword.reveal(),
    UI_USERNAME: secrets?.uiUsername,
    UI_PASSWORD: secrets?.uiPassword.reveal(),
  };
}

async function project(text?: string) {
  const paths = projectPaths(await temporaryFolder(), 'agents-llm');
  await mkdir(paths.folder);
  if (text !== undefined) await writeFile(paths.secrets, text);
  return paths;
}

const noRandom = (): Buffer => {
  throw new Error('nothing is to be generated');
};

describe('the URL of an external database', () => {
  const url = 'postgresql://app:p%40ss-of-mine@db:5432/gateway?sslmode=require';

  it('is stored with the other secrets and redacted, both whole and in parts', async () => {
    const paths = await project();
    const secrets = { ...makeSecrets(right, noRandom), databaseUrl: new Secret(url) };
    await writeSecrets(systemFiles, paths, secrets);
    expect(await readFile(paths.secrets, 'utf8')).toContain(`LITELLM_DATABASE_URL=${url}\n`);
    const found = await readSecrets(systemFiles, paths);
    expect(found?.databaseUrl?.reveal()).toBe(url);
    const hidden = allSecrets(secrets).map((secret) => secret.reveal());
    expect(hidden).toEqual(expect.arrayContaining([url, 'p%40ss-of-mine', 'p@ss-of-mine']));
  });

  it('changes only its own line in the file', async () => {
    const paths = await project(`${lines(right)}LITELLM_DATABASE_URL=${url}\n`);
    await setSecrets(systemFiles, paths, { LITELLM_DATABASE_URL: 'postgresql://app:new@db/gateway' });
    expect(await readFile(paths.secrets, 'utf8')).toBe(
      `${lines(right)}LITELLM_DATABASE_URL=postgresql://app:new@db/gateway\n`,
    );
  });

  it('is rejected without being shown when an edit made it invalid', async () => {
    const paths = await project(`${lines(right)}LITELLM_DATABASE_URL=mysql://app:p%40ss-of-mine@db/gateway\n`);
    const error = await caught(() => readSecrets(systemFiles, paths));
    expect(error).toMatchObject({ code: 'secrets_invalid', exitCode: 9, details: { key: 'LITELLM_DATABASE_URL' } });
    expect(error.message).not.toContain('of-mine');
  });
});

describe('readSecrets', () => {
  it('returns nothing when the file does not exist', async () => {
    expect(await readSecrets(systemFiles, await project())).toBeUndefined();
  });

  it('reads a file with unknown keys, CRLF and a BOM', async () => {
    const paths = await project(`\uFEFF# mine\r\nOTHER=a b\r\n${lines(right).replaceAll('\n', '\r\n')}`);
    expect(reveal(await readSecrets(systemFiles, paths))).toEqual(right);
  });

  const unsafe = 'can only contain A-Z a-z 0-9 _ . : / @ + = -';
  it.each([
    ['LITELLM_MASTER_KEY', undefined, 'is missing'],
    ['LITELLM_MASTER_KEY', '', 'is blank'],
    ['LITELLM_MASTER_KEY', 'sk-1234', 'must not be sk-1234'],
    ['LITELLM_MASTER_KEY', 'sk-45678', 'must have at least 16 characters'],
    ['LITELLM_MASTER_KEY', '0123456789abcdef0123', 'must begin with sk-'],
    ['LITELLM_MASTER_KEY', 'sk-0123456789$abcdef', unsafe],
    ['LITELLM_SALT_KEY', undefined, 'is missing'],
    ['LITELLM_SALT_KEY', '   ', 'is blank'],
    ['LITELLM_SALT_KEY', '"quoted-salt"', unsafe],
    ['POSTGRES_PASSWORD', 'pass word', unsafe],
    ['POSTGRES_PASSWORD', 'password#comment', unsafe],
    ['UI_USERNAME', '', 'is blank'],
    ['UI_PASSWORD', 'pass\u00e9word', unsafe],
    ['UI_PASSWORD', undefined, 'is missing'],
  ])('refuses %s=%s', async (key, value, rule) => {
    const text = lines({ ...right, [key]: value });
    const paths = await project(text);
    const error = await caught(() => readSecrets(systemFiles, paths));
    expect(error).toMatchObject({ code: 'secrets_invalid', exitCode: 9, details: { path: paths.secrets, key } });
    expect(error.message).toContain(`${paths.secrets} cannot be used: ${key} ${rule}`);
    expect(error.hint).toContain('restore it from a backup (nothing was overwritten)');
    if (value?.trim() && value !== 'sk-1234') expect(`${error.message}${error.hint}`).not.toContain(value);
    expect(await readFile(paths.secrets, 'utf8')).toBe(text);
  });

  it('rejects a file whose last line is incomplete', async () => {
    const paths = await project(lines(right).slice(0, 80));
    const error = await caught(() => readSecrets(systemFiles, paths));
    expect(error).toMatchObject({ code: 'secrets_invalid', exitCode: 9, details: { line: 3 } });
    expect(error.message).toContain('line 3 is not KEY=value');
    expect(error.hint).toContain('restore it from a backup');
  });
});

describe('makeSecrets', () => {
  it('generates the secrets that the environment does not set', () => {
    const made = reveal(makeSecrets({ UI_PASSWORD: '' }, randomBytes));
    expect(made.LITELLM_MASTER_KEY).toMatch(/^sk-[0-9a-f]{48}$/);
    expect(made.LITELLM_SALT_KEY).toMatch(/^[0-9a-f]{48}$/);
    expect(made.POSTGRES_PASSWORD).toMatch(/^[0-9a-f]{48}$/);
    expect(made).toMatchObject({ UI_USERNAME: 'admin', UI_PASSWORD: expect.stringMatching(/^[0-9a-f]{24}$/) });
    expect(new Set(Object.values(made)).size).toBe(5);
  });

  it('uses the secrets that the environment sets', () => {
    expect(reveal(makeSecrets({ ...right, UI_USERNAME: 'me', PATH: '/bin' }, noRandom))).toEqual({
      ...right,
      UI_USERNAME: 'me',
    });
  });

  it.each([
    ['LITELLM_MASTER_KEY', 'sk-1234', 'must not be sk-1234'],
    ['LITELLM_MASTER_KEY', 'sk-short', 'must have at least 16 characters'],
    ['LITELLM_MASTER_KEY', 'my-own-master-key-1', 'must begin with sk-'],
    ['LITELLM_SALT_KEY', 'salt$HOME', 'can only contain'],
    ['LITELLM_SALT_KEY', '  ', 'is blank'],
    ['POSTGRES_PASSWORD', "it's", 'can only contain'],
    ['UI_USERNAME', 'a\nb', 'can only contain'],
    ['UI_PASSWORD', 'two words', 'can only contain'],
  ])('rejects %s=%j without showing it', async (key, value, rule) => {
    const error = await caught(() => makeSecrets({ [key]: value }, randomBytes));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, details: { key } });
    expect(error.message).toContain(`Environment variable ${key} ${rule}`);
    expect(error.hint).toContain(`unset ${key}`);
    if (value !== 'sk-1234' && value.trim()) expect(`${error.message}${error.hint}`).not.toContain(value);
  });
});

describe('writeSecrets', () => {
  it('writes a commented file for the owner only and leaves no other file behind', async () => {
    const paths = await project();
    await writeSecrets(systemFiles, paths, makeSecrets(right, noRandom));
    const text = await readFile(paths.secrets, 'utf8');
    expect(text).toMatch(/^# .*\n# .*LITELLM_SALT_KEY.*never be read again\.\n[A-Z]/);
    expect(text).toContain(lines(right));
    expect((await stat(paths.secrets)).mode & 0o777).toBe(0o600);
    expect(await readdir(paths.folder)).toEqual(['.env']);
  });

  it('reads back every valid value', async () => {
    const safe = fc.stringMatching(/^[A-Za-z0-9_.:/@+=-]{1,60}$/);
    const master = fc.stringMatching(/^sk-[A-Za-z0-9_.:/@+=-]{13,60}$/);
    const given = fc.record({
      LITELLM_MASTER_KEY: master,
      LITELLM_SALT_KEY: safe,
      POSTGRES_PASSWORD: safe,
      UI_USERNAME: safe,
      UI_PASSWORD: safe,
    });
    await fc.assert(
      fc.asyncProperty(given, async (values) => {
        let text = '';
        const files = {
          create: async (_: string, written: string) => {
            text = written;
            return true;
          },
          read: async () => text,
        };
        await writeSecrets(files, { secrets: '/.env' }, makeSecrets(values, noRandom));
        expect(reveal(await readSecrets(files, { secrets: '/.env' }))).toEqual(values);
      }),
    );
  });

  it('never replaces secrets', async () => {
    const paths = await project('precious');
    const error = await caught(() => writeSecrets(systemFiles, paths, makeSecrets({}, randomBytes)));
    expect(error).toMatchObject({ code: 'secrets_invalid', exitCode: 9 });
    expect(error.hint).toContain('nothing was overwritten');
    expect(await readFile(paths.secrets, 'utf8')).toBe('precious');
    expect(await readdir(paths.folder)).toEqual(['.env']);
  });

  it('refuses a value that it could not read back', async () => {
    const paths = await project();
    const secrets = { ...makeSecrets({}, randomBytes), uiUsername: 'a b' };
    const error = await caught(() => writeSecrets(systemFiles, paths, secrets));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, details: { key: 'UI_USERNAME' } });
    expect(error.hint).toContain('Give UI_USERNAME another value');
    expect(await readdir(paths.folder)).toEqual([]);
  });
});

describe('setSecrets', () => {
  it('changes two lines and no other byte', async () => {
    const around = lines({ ...right, UI_USERNAME: undefined, UI_PASSWORD: undefined });
    const paths = await project(`UI_PASSWORD=old\n\n${around}#end\nUI_USERNAME=old\nX= y`);
    await setSecrets(systemFiles, paths, { UI_USERNAME: 'me', UI_PASSWORD: 'new-password' });
    expect(await readFile(paths.secrets, 'utf8')).toBe(
      `UI_PASSWORD=new-password\n\n${around}#end\nUI_USERNAME=me\nX= y`,
    );
  });

  it('changes only one of them, and writes nothing when nothing changes', async () => {
    const paths = await project(lines(right));
    await setSecrets(systemFiles, paths, { UI_USERNAME: 'me' });
    expect(await readFile(paths.secrets, 'utf8')).toBe(lines({ ...right, UI_USERNAME: 'me' }));
    const files = { read: systemFiles.read, write: () => Promise.reject(new Error('must not write')) };
    await setSecrets(files, paths, { UI_USERNAME: 'me', UI_PASSWORD: 'admin' });
  });

  it('rejects an unsafe password without showing it', async () => {
    const paths = await project(lines(right));
    const error = await caught(() => setSecrets(systemFiles, paths, { UI_PASSWORD: 'a$b-secret' }));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, details: { key: 'UI_PASSWORD' } });
    expect(error.hint).toContain('UI_PASSWORD');
    expect(`${error.message}${error.hint}`).not.toContain('a$b-secret');
    expect(await readFile(paths.secrets, 'utf8')).toBe(lines(right));
  });

  it('leaves a file alone that it cannot read', async () => {
    const paths = await project('broken');
    const error = await caught(() => setSecrets(systemFiles, paths, { UI_USERNAME: 'me' }));
    expect(error).toMatchObject({ code: 'secrets_invalid', exitCode: 9, details: { line: 1 } });
    expect(error.hint).toContain('nothing was overwritten');
    expect(await readFile(paths.secrets, 'utf8')).toBe('broken');
  });

  it('creates no file', async () => {
    const paths = await project();
    const error = await caught(() => setSecrets(systemFiles, paths, { UI_USERNAME: 'me' }));
    expect(error).toMatchObject({ code: 'secrets_missing', exitCode: 9 });
    expect(error.hint).toContain('from a backup');
    expect(await readdir(paths.folder)).toEqual([]);
  });
});

it('allSecrets returns every value that must stay hidden', () => {
  const values = allSecrets(makeSecrets(right, noRandom)).map((secret) => secret.reveal());
  const { UI_USERNAME: _, ...hidden } = right;
  expect(values).toEqual(Object.values(hidden));
});
