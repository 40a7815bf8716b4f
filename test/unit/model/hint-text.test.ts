import { describe, expect, it } from 'vitest';
import { CliError } from '../../../src/model/errors.ts';
import { hintText, withTypedHint } from '../../../src/model/hint-text.ts';

const npx = { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'agents-llm' status" };

describe('hintText', () => {
  it.each([
    ['Create it: agents-llm up', 'Create it: npx agents-llm -p two up'],
    ['eval "$(agents-llm env)"', 'eval "$(npx agents-llm -p two env)"'],
    [
      'PORT=1 agents-llm -p NAME up\nor agents-llm down',
      'PORT=1 npx agents-llm -p NAME up\nor npx agents-llm -p two down',
    ],
    ['Update: npx agents-llm@latest status', 'Update: npx agents-llm@latest status'],
    ['Run npx agents-llm up', 'Run npx agents-llm -p two up'],
    ['Check /home/agents-llm and agents-llm.yaml', 'Check /home/agents-llm and agents-llm.yaml'],
  ])('shows %j to a user of npx as %j', (text, shown) => {
    expect(hintText(text, 'two', { env: npx, platform: 'linux' })).toBe(shown);
  });

  it.each([
    {},
    { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vitest' },
    { npm_lifecycle_event: 'start', npm_lifecycle_script: 'agents-llm up' },
  ])('leaves the command as it is started: %j', (env) => {
    expect(hintText('Start it: agents-llm up', 'agents-llm', { env, platform: 'linux' })).toBe(
      'Start it: agents-llm up',
    );
  });

  it('suits Windows and npx together', () => {
    const place = { env: npx, platform: 'win32' } as const;
    expect(hintText('Run it: eval "$(agents-llm env)"', 'agents-llm', place)).toBe(
      'Run it: npx agents-llm env --shell powershell | Invoke-Expression',
    );
  });
});

it('withTypedHint keeps code, message, details and cause', () => {
  const cause = new Error('why');
  const error = new CliError('not_running', 'No stack', { hint: 'agents-llm up', details: { a: 1 }, cause });
  const shown = withTypedHint(error, 'two', { env: npx, platform: 'linux' });
  expect(shown).toMatchObject({
    code: 'not_running',
    message: 'No stack',
    hint: 'npx agents-llm -p two up',
    details: { a: 1 },
    exitCode: 10,
  });
  expect(shown.cause).toBe(cause);
});
