import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCompletion, runCompletionInstall } from '../../../src/commands/completion.ts';
import { completionScript } from '../../../src/package-files.ts';
import { caught } from '../../support/caught.ts';
import { fakeInvocation } from '../../support/fake-invocation.ts';

const script = readFileSync(completionScript('powershell'), 'utf8');
const { context, ...rest } = fakeInvocation({ home: '/nobody', env: {} });
const invocation = { ...rest, context: { ...context, platform: 'win32' as const } };

// The program that runs it is not on every machine, so these tests read the text.
describe('the PowerShell script', () => {
  it('is ASCII, because Windows PowerShell reads a profile without a byte order mark as ANSI', () => {
    expect(script).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it('completes the command in the way of native programs', () => {
    expect(script).toContain('Register-ArgumentCompleter -Native -CommandName agents-llm -ScriptBlock {\n');
    expect(script).toContain('[System.Management.Automation.CompletionResult]::new(');
  });

  it('asks with words in base64, each followed by a line break', () => {
    expect(script).toContain('& $command __complete --encoded $encoded 2>$null');
    expect(script).toContain('UTF8.GetBytes((($words + $current) -join "`n") + "`n")');
  });

  it('restores the exit code and the encoding of the console', () => {
    for (const line of ['$global:LASTEXITCODE = $exitCode', '[System.Console]::OutputEncoding = $outputEncoding'])
      expect(script.split('finally')[1]).toContain(line);
  });

  it.each(['{}', '()', '[]'])('closes every %s', (pair) => {
    // Without comments and the pattern of the signs that need quotes.
    const code = script.replace(/^ *#.*$/gm, '').replace(/-match '.*'\)/g, ')');
    const [opened, closed] = [...pair].map((sign) => code.split(sign).length);
    expect(opened).toBe(closed);
  });

  it('is what the command prints', async () => {
    expect((await runCompletion('powershell', invocation)).data).toEqual({ shell: 'powershell', script });
  });
});

it('the installation on Windows without SHELL says how PowerShell gets the script', async () => {
  const error = await caught(() => runCompletionInstall({}, invocation));
  expect(error).toMatchObject({
    code: 'usage',
    exitCode: 2,
    hint: 'Add it to your profile in PowerShell: agents-llm completion powershell | Add-Content $PROFILE',
  });
});
