import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { fingerprintsOf } from '../../../../src/project/fingerprints.ts';
import { parseSecrets } from '../../../../src/project/secrets.ts';
import type { BackupManifest } from '../../../../src/stack/backup/archive-manifest.ts';
import { chooseSecrets } from '../../../../src/stack/backup/restore-secrets.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { secretsText } from '../../../support/fake-stack.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const textOf = (salt: string) => secretsText({ LITELLM_SALT_KEY: salt });
const manifest = {
  fingerprints: fingerprintsOf(parseSecrets(textOf('salt-of-then'), 'the test'), 'x'),
} as BackupManifest;

interface World {
  /** The stack's own salt key; undefined without a stack. */
  readonly own?: string;
  /** The one that was saved beside the archive. */
  readonly saved?: string;
  readonly takeSaved?: boolean;
  readonly manifest?: BackupManifest | null;
}

async function choose({ own, saved, takeSaved = false, manifest: given = manifest }: World) {
  const home = await temporaryFolder();
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  await files.makeFolder(paths.folder);
  const file = join(home, 'x.dump');
  if (own !== undefined) await files.write(paths.secrets, textOf(own), 0o600);
  if (saved !== undefined) await files.write(join(home, 'x.env'), textOf(saved), 0o600);
  const backup = { name: 'x.dump', file, bytes: 1, manifest: given, problem: null };
  return { file, paths, invocation, choice: () => chooseSecrets(invocation, backup, takeSaved) };
}

const salts = async (world: World) => {
  const { choice } = await choose(world);
  const { own, saved } = await choice();
  return { own: own?.saltKey.reveal(), saved: saved?.saltKey.reveal() };
};

test.each<[string, World, object]>([
  ["the stack's own, if they can decrypt the data", { own: 'salt-of-then' }, { own: 'salt-of-then', saved: undefined }],
  [
    "the stack's own, even when others were saved",
    { own: 'salt-of-then', saved: 'salt-of-then', takeSaved: true },
    { own: 'salt-of-then', saved: undefined },
  ],
  ['the saved ones, if the stack has none', { saved: 'salt-of-then' }, { own: undefined, saved: 'salt-of-then' }],
  [
    'those that were saved, on demand',
    { own: 'salt-of-now', saved: 'salt-of-then', takeSaved: true },
    { own: 'salt-of-now', saved: 'salt-of-then' },
  ],
])('chooses the right secrets: %s', async (_, world, expected) => {
  expect(await salts(world)).toEqual(expected);
});

test('prefers the secrets of the stack to an unrelated file beside the archive', async () => {
  const { invocation, file, choice } = await choose({ own: 'salt-of-then' });
  await invocation.context.files.write(file.replace('.dump', '.env'), 'DEBUG=1\n', 0o600);
  expect(await choice()).toMatchObject({ saved: undefined });
});

test('names saved secrets but does not use them without --with-secrets', async () => {
  const { file, choice } = await choose({ own: 'salt-of-now', saved: 'salt-of-then' });
  expect(await caught(choice)).toMatchObject({
    code: 'backup_unreadable',
    exitCode: EXIT.data,
    retryable: false,
    message: `${file} was created with another salt key, so its provider keys cannot be decrypted here`,
    hint: `Use the salt key that was saved beside it: agents-llm restore ${file} --with-secrets`,
    details: { file },
  });
});

test.each<[string, World]>([
  ['none were saved', { own: 'salt-of-now', takeSaved: true }],
  ['the saved ones do not belong to the archive', { own: 'salt-of-now', saved: 'salt-of-ever', takeSaved: true }],
  ['the manifest is missing', { own: 'salt-of-then', manifest: null }],
])('refuses a restore when %s, and says where to put the salt key', async (_, world) => {
  const { file, paths, choice } = await choose(world);
  expect(await caught(choice)).toMatchObject({
    code: 'backup_unreadable',
    hint: `Set LITELLM_SALT_KEY in ${paths.secrets} to the value of that time\nOr copy the secrets of that time to ${file.replace('.dump', '.env')}`,
  });
});

test('rejects an archive without a stack and without saved secrets', async () => {
  const { file, choice } = await choose({});
  expect(await caught(choice)).toMatchObject({
    code: 'backup_unreadable',
    message: `${file} can only be decrypted with its own salt key, which is missing`,
  });
});

test('redacts all chosen secrets', async () => {
  const { invocation, choice } = await choose({ own: 'salt-of-now', saved: 'salt-of-then', takeSaved: true });
  await choice();
  expect(invocation.redaction.apply('salt-of-now salt-of-then')).toBe('[redacted] [redacted]');
});
