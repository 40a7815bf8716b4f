import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it, onTestFinished } from 'vitest';
import { leftBehind } from '../../../../src/io/processes/process-table.ts';
import { describeUnless, notOnLinux } from '../../../support/skipping.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const TITLE = 'a worker: ';
/** Starts two workers with titles of their own and says their ids. */
const SERVER = `exec -a "${TITLE}one" sleep 60 & echo $!; exec -a other sleep 60 & echo $!; wait`;

describeUnless(notOnLinux)('leftBehind', () => {
  it('finds workers of a server that has ended, by their folder and title', async () => {
    const folder = await temporaryFolder();
    const server = spawn('bash', ['-c', SERVER], { cwd: folder });
    let said = '';
    server.stdout.on('data', (text) => {
      said += text;
    });
    await expect.poll(() => said.trim().split('\n').length).toBe(2);
    const [worker = 0, other = 0] = said.trim().split('\n').map(Number);
    onTestFinished(() => void [worker, other].map((pid) => process.kill(pid, 'SIGKILL')));
    expect(leftBehind(folder, TITLE)).toEqual([]);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const left = [{ pid: worker, identity: expect.stringMatching(/^\d+$/) }];
    await expect.poll(() => leftBehind(folder, TITLE)).toEqual(left);
    const link = join(await temporaryFolder(), 'link');
    await symlink(folder, link);
    expect(leftBehind(link, TITLE)).toEqual(left);
    expect(leftBehind(await temporaryFolder(), TITLE)).toEqual([]);
  });

  it('finds nothing when the folder does not exist', () => {
    expect(leftBehind('/nonexistent', TITLE)).toEqual([]);
  });
});
