import { describe, expect, it } from 'vitest';
import { type AskWindows, accessListsBy, closeArgs, isOpenTo } from '../../../../src/io/files/access-lists.ts';

const ME = 'S-1-5-21-1004336348-1177238915-682003330-1001';
const FOLDER = 'C:\\Users\\Jörg Müller\\AppData\\Local\\agents-llm';

/** Answers by the program's name; an Error fails. */
function lists(answers: Record<string, string | Error>) {
  const asked: unknown[] = [];
  const ask: AskWindows = async (file, args, env) => {
    asked.push(env ? [file, env] : [file, args]);
    const answer = answers[file];
    if (typeof answer === 'string') return answer;
    throw answer ?? new Error(`unexpected: ${file}`);
  };
  return { asked, lists: accessListsBy('WORK\\Jörg Müller', ask) };
}

describe('the closing of a folder', () => {
  it('grants access to the user, by id, to Windows and to administrators', async () => {
    const { asked, lists: own } = lists({ 'whoami.exe': `"work\\j\u201drg","${ME}"\r\n`, 'icacls.exe': '' });
    expect(await own.close(FOLDER)).toBe(true);
    expect(asked).toEqual([
      ['whoami.exe', ['/user', '/fo', 'csv', '/nh']],
      ['icacls.exe', closeArgs(FOLDER, ME)],
    ]);
    expect(closeArgs(FOLDER, ME).join(' ')).toBe(
      `${FOLDER} /inheritance:r /remove:g *S-1-1-0 /remove:g *S-1-5-11 /remove:g *S-1-5-32-545 /grant:r *${ME}:(OI)(CI)F /grant:r *S-1-5-18:(OI)(CI)F /grant:r *S-1-5-32-544:(OI)(CI)F /q`,
    );
  });

  it('uses the name of the user when the id is unknown', async () => {
    const { asked, lists: own } = lists({ 'whoami.exe': new Error('not found'), 'icacls.exe': '' });
    expect(await own.close(FOLDER)).toBe(true);
    expect(asked[1]).toEqual(['icacls.exe', expect.arrayContaining(['WORK\\Jörg Müller:(OI)(CI)F'])]);
  });

  it('reports a failure', async () => {
    expect(await lists({ 'whoami.exe': ME, 'icacls.exe': new Error('exit code 5') }).lists.close(FOLDER)).toBe(false);
  });
});

describe('an access list of Windows', () => {
  const own = `(A;OICI;FA;;;${ME})(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)`;

  it.each([
    `O:${ME}G:${ME}D:PAI${own}`,
    `O:BAG:${ME}D:AI(A;ID;FA;;;${ME})(A;ID;FA;;;S-1-5-18)(A;ID;FA;;;CO)`,
    `D:P(D;;FA;;;WD)${own}`,
    'D:P',
  ])('is recognised as closed: %s', (sddl) => {
    expect(isOpenTo(sddl, ME)).toBe(false);
  });

  it.each([
    `O:${ME}D:AI${own}(A;OICIID;0x1200a9;;;BU)`,
    `D:AI${own}(A;ID;0x1301bf;;;AU)`,
    `D:P(A;;FR;;;WD)`,
    `D:P${own}(A;;FR;;;S-1-5-21-1004336348-1177238915-682003330-1002)`,
    'D:NO_ACCESS_CONTROL',
    `O:${ME}`,
  ])('is recognised as open: %s', (sddl) => {
    expect(isOpenTo(sddl, ME)).toBe(true);
  });
});

describe('the search for open paths', () => {
  const closed = `D:P(A;;FA;;;${ME})`;

  it('asks once for all paths, and passes them in the environment', async () => {
    const { asked, lists: own } = lists({ 'powershell.exe': `${ME}\r\n${closed}\r\nD:P(A;;FA;;;WD)\r\n` });
    expect(await own.open(['C:\\a', 'C:\\b'])).toEqual(['C:\\b']);
    expect(asked).toEqual([['powershell.exe', { AGENTS_LLM_PATHS: 'C:\\a|C:\\b' }]]);
  });

  it.each(['', `${ME}\r\n`, `${ME}\r\n${closed}\r\n`])('returns undefined for the answer %j', async (answer) => {
    expect(await lists({ 'powershell.exe': answer }).lists.open(['C:\\a', 'C:\\b'])).toBeUndefined();
  });

  it('returns undefined without PowerShell', async () => {
    expect(await lists({ 'powershell.exe': new Error('not found') }).lists.open(['C:\\a'])).toBeUndefined();
  });
});
