import { chmod, chown, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { editFile } from '../../../../src/io/files/byte-file.ts';
import { systemFiles } from '../../../../src/io/files/files.ts';
import { noOtherUser, playOtherUser, STRANGER } from '../../../support/other-user.ts';
import { describeUnless } from '../../../support/skipping.ts';

let top: string;
/** Another user's, into which root writes. */
let theirs: string;
/** Root's, which nobody else may read. */
let secret: string;

beforeEach(async () => {
  top = await mkdtemp(join(await realpath(tmpdir()), 'agents-llm-swap-'));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  await chmod(top, 0o755);
  theirs = join(top, 'theirs');
  const ours = join(top, 'ours');
  for (const folder of [theirs, join(theirs, 'sub'), ours]) await mkdir(folder, { mode: 0o755 });
  for (const folder of [theirs, join(theirs, 'sub')]) await chown(folder, STRANGER, STRANGER);
  secret = join(ours, '.env');
  await writeFile(secret, 'SALT=only-for-root\n', { mode: 0o600 });
});

const REPLACE_TEMPORARY = `
  const [folder, target] = args;
  for (const name of fs.readdirSync(folder)) {
    if (!name.endsWith('.tmp')) continue;
    fs.unlinkSync(folder + '/' + name);
    fs.symlinkSync(target, folder + '/' + name);
  }`;
const SWAP_FOLDER = `
  const [folder, target] = args;
  fs.renameSync(folder, folder + '.aside');
  fs.symlinkSync(target, folder);
  fs.unlinkSync(folder);
  fs.renameSync(folder + '.aside', folder);`;
const SWAP_FILE = `
  const [file, target] = args;
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, 'A=1\\n', { mode: 0o644 });
  fs.rmSync(file);
  fs.symlinkSync(target, file);`;

/** For as long as a swapper that meets no resistance takes to succeed many times. */
async function meanwhile(stop: () => Promise<void>, action: (round: number) => Promise<unknown>): Promise<void> {
  try {
    const end = Date.now() + 1500;
    for (let round = 0; Date.now() < end; round += 1) await action(round).catch(() => undefined);
  } finally {
    await stop();
  }
}

async function textsOfOthers(): Promise<string> {
  const names = await readdir(theirs, { recursive: true });
  const texts = names.map(async (name) => {
    const path = join(theirs, name);
    const isTheirs = (await realpath(path).catch(() => '')) === path;
    return isTheirs && basename(path).startsWith('.env') ? readFile(path, 'utf8').catch(() => '') : '';
  });
  return (await Promise.all(texts)).join('\n');
}

const untouched = async () => [await readFile(secret, 'utf8'), (await stat(secret)).mode & 0o777];

describeUnless(noOtherUser)('another user who swaps links in while root writes', () => {
  it.each(['write', 'create'] as const)('cannot make %s open a file of root', async (method) => {
    const stop = await playOtherUser(REPLACE_TEMPORARY, theirs, secret);
    await meanwhile(stop, async (round) => {
      await systemFiles[method](join(theirs, 'file'), `${round}`, 0o644);
      await systemFiles.remove(join(theirs, 'file'));
    });
    expect(await untouched()).toEqual(['SALT=only-for-root\n', 0o600]);
  });

  it('cannot make editFile open a file of root', async () => {
    const stop = await playOtherUser(REPLACE_TEMPORARY, theirs, secret);
    await meanwhile(stop, (round) => editFile(join(theirs, '.env'), 0o644, () => `A=${round}\n`));
    expect(await untouched()).toEqual(['SALT=only-for-root\n', 0o600]);
  });

  it('cannot get a copy of a file of root in place of their own', async () => {
    const stop = await playOtherUser(SWAP_FILE, join(theirs, '.env'), secret);
    const seen: string[] = [];
    await meanwhile(stop, (round) =>
      editFile(join(theirs, '.env'), 0o644, (before) => {
        seen.push(before?.bytes ?? '');
        return `${before?.bytes ?? ''}B=${round}\n`;
      }),
    );
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.join('')).not.toContain('SALT');
    expect(await untouched()).toEqual(['SALT=only-for-root\n', 0o600]);
  });

  it('cannot get a copy by swapping the folder between reading and writing', async () => {
    const folder = join(theirs, 'sub');
    const stop = await playOtherUser(SWAP_FOLDER, folder, join(top, 'ours'));
    await meanwhile(stop, (round) =>
      editFile(join(folder, '.env'), 0o644, (before) => `${before?.bytes.split('\n')[0] ?? ''}\nB=${round}\n`),
    );
    expect(await textsOfOthers()).not.toContain('SALT');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
  });

  it('cannot have a link opened or its owner changed', async () => {
    const path = join(theirs, 'link');
    await (await import('node:fs/promises')).symlink(secret, path);
    await expect(systemFiles.chmod(path, 0o644)).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(systemFiles.chown(path, { uid: STRANGER, gid: STRANGER })).rejects.toMatchObject({ code: 'ELOOP' });
    expect([...(await untouched()), (await stat(secret)).uid]).toEqual(['SALT=only-for-root\n', 0o600, 0]);
  });
});
