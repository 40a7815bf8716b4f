import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { systemProcesses } from '../../../../../src/io/processes/processes.ts';
import { startProcess } from '../../../../../src/runtime/native/supervisor/service-process.ts';
import { temporaryFolder } from '../../../../support/temporary-folder.ts';

const processes = systemProcesses(process.kill.bind(process));

async function setUp(script: string, env: Readonly<Record<string, string>> = {}) {
  const cwd = await temporaryFolder();
  const log = join(cwd, 'service.log');
  const started = startProcess({
    ...{ service: 'litellm', file: 'sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin', ...env }, cwd, log },
    ...{ stopSignal: 'SIGTERM', stopWithin: 1000, record: '', image: '', version: null, published: null },
    configuration: '',
  });
  return { ...started, log, cwd };
}

describe('startProcess', () => {
  it('appends the output of the service to its log, which others cannot read', async () => {
    const { ended, log } = await setUp('echo out; echo err >&2; exit 3');
    expect(await ended).toEqual({ exitCode: 3, error: '' });
    expect((await readFile(log, 'utf8')).split('\n').sort()).toEqual(['', 'err', 'out']);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  it('gives the service only its environment, its folder and no stdin', async () => {
    const { ended, log, cwd } = await setUp('cat; pwd; env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD=', {
      A: 'b',
    });
    await ended;
    expect((await readFile(log, 'utf8')).trim().split('\n').sort()).toEqual([cwd, 'A=b', 'PATH=/usr/bin:/bin'].sort());
  });

  it('returns the exit code of a signal as a shell does', async () => {
    const { pid, ended } = await setUp('exec sleep 60');
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await ended).toEqual({ exitCode: 137, error: '' });
  });

  it('makes the service the leader of a group that can be signalled as one', async () => {
    const { pid, ended, log } = await setUp('sleep 60 & echo $!; wait');
    await expect.poll(() => readFile(log, 'utf8')).toMatch(/\n/);
    const left = Number(await readFile(log, 'utf8'));
    expect(await processes.identity(left)).toBeDefined();
    process.kill(-(pid ?? 0), 'SIGKILL');
    expect((await ended).exitCode).toBe(137);
    await expect.poll(() => processes.identity(left)).toBeUndefined();
  });

  it('reports why a program cannot be started', async () => {
    const cwd = await temporaryFolder();
    const { pid, ended } = startProcess({
      ...{ service: 'litellm', file: join(cwd, 'nothing'), args: [], env: {}, cwd, log: join(cwd, 'log') },
      ...{ stopSignal: 'SIGTERM', stopWithin: 1000, record: '', image: '', version: null, published: null },
      configuration: '',
    });
    expect(pid).toBeUndefined();
    expect(await ended).toEqual({ exitCode: 127, error: expect.stringContaining('ENOENT') });
  });
});
