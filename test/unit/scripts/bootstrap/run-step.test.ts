import { expect, it } from 'vitest';
import { runStep } from '../../../../scripts/bootstrap/run-step.js';

const OPTIONS = { cwd: '/', env: process.env, hint: 'a hint' };

it('runs a program by way of a shell without a warning of Node', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  await runStep('exit', ['0'], { ...OPTIONS, shell: true });
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

it.each([true, false])('names the command that failed, with a shell: %s', async (shell) => {
  const failed = runStep(process.execPath, ['-p', 'missing'], { ...OPTIONS, shell });
  await expect(failed).rejects.toMatchObject({
    message: `\`${process.execPath} -p missing\` failed (exit code 1)`,
    hint: 'a hint',
    output: expect.stringContaining('missing is not defined'),
  });
});
