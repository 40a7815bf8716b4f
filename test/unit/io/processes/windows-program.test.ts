import { describe, expect, it } from 'vitest';
import { programOnWindows, systemProgram } from '../../../../src/io/processes/windows-program.ts';

const NPM = 'C:\\Users\\Jörg Müller\\AppData\\Roaming\\npm';

function find(file: string, env: Record<string, string>, ...files: readonly string[]) {
  return programOnWindows(file, env, (path) => files.includes(path));
}

describe('programOnWindows', () => {
  it('finds a batch file by PATHEXT, in the order of PATH', () => {
    const env = { Path: `C:\\tools;"${NPM}"`, PATHEXT: '.EXE;.CMD' };
    expect(find('claude', env, `${NPM}\\claude.cmd`)).toBe(`${NPM}\\claude.cmd`);
    expect(find('claude', env, `${NPM}\\claude.cmd`, 'C:\\tools\\claude.exe')).toBe('C:\\tools\\claude.exe');
  });

  it('uses the usual extensions when PATHEXT is not set', () => {
    expect(find('docker', { PATH: 'C:\\docker' }, 'C:\\docker\\docker.exe')).toBe('C:\\docker\\docker.exe');
  });

  it('finds a name with its extension, but not the npm script without one', () => {
    const env = { PATH: NPM };
    expect(find('claude.cmd', env, `${NPM}\\claude.cmd`)).toBe(`${NPM}\\claude.cmd`);
    expect(find('claude', env, `${NPM}\\claude`)).toBeUndefined();
  });

  it.each(['', '.', '.\\bin'])('never searches the current folder, even if PATH contains %j', (entry) => {
    expect(programOnWindows('docker', { PATH: `${entry};` }, () => true)).toBeUndefined();
  });

  it.each(['.\\build', 'C:\\x\\build.exe', 'bin/build'])('does not search for %s, which names a folder', (file) => {
    expect(find(file, { PATH: 'C:\\x' })).toBe(file);
  });
});

describe('systemProgram', () => {
  it('returns a path in the folder of Windows', () => {
    const env = { SystemRoot: 'D:\\Windows' };
    expect(systemProgram('icacls.exe', env)).toBe('D:\\Windows\\System32\\icacls.exe');
    expect(systemProgram('powershell.exe', env)).toBe('D:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe');
  });

  it('uses the usual folder when SystemRoot is not set', () => {
    expect(systemProgram('taskkill.exe', {})).toBe('C:\\Windows\\System32\\taskkill.exe');
  });
});
