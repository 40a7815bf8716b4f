import { describe, expect, it } from 'vitest';
import { commandLine, forProject, type GlobalFlags, resolveSettings } from '../../../src/model/settings.ts';
import { caught } from '../../support/caught.ts';

type Env = Readonly<Record<string, string>>;

const settingsOf = (flags: GlobalFlags = {}, env: Env = {}) => resolveSettings(flags, env, '/home/me', '/here');

describe('resolveSettings', () => {
  it('uses defaults when nothing is set', () => {
    expect(settingsOf()).toMatchObject({ project: 'agents-llm', json: false, quiet: false, debug: false });
    expect(settingsOf().paths.folder).toBe('/home/me/.local/share/agents-llm/agents-llm');
  });

  it('reads environment variables', () => {
    const env = {
      AGENTS_LLM_PROJECT_NAME: 'two',
      AGENTS_LLM_OUTPUT: 'json',
      AGENTS_LLM_DEBUG: '1',
      AGENTS_LLM_HOME: '/data',
    };
    expect(settingsOf({}, env)).toMatchObject({ project: 'two', json: true, debug: true });
    expect(settingsOf({}, env).paths.folder).toBe('/data/two');
  });

  it('prefers flags to environment variables', () => {
    const env = { AGENTS_LLM_PROJECT_NAME: 'two', AGENTS_LLM_OUTPUT: 'json', AGENTS_LLM_DEBUG: '1' };
    const flags = { projectName: 'one', json: false, quiet: true, debug: false };
    expect(settingsOf(flags, env)).toMatchObject({ project: 'one', json: false, quiet: true, debug: false });
  });

  it.each([
    ['json', true],
    ['text', false],
    ['env', false],
  ] as const)('prefers the format %s to every other request for JSON', (format, json) => {
    expect(settingsOf({ format, json: !json }, { AGENTS_LLM_OUTPUT: json ? '' : 'json' }).json).toBe(json);
  });

  it.each<[Env]>([[{ AGENTS_LLM_PROJECT_NAME: '' }], [{ AGENTS_LLM_OUTPUT: 'text', AGENTS_LLM_DEBUG: '0' }]])(
    'treats %o as not set',
    (env) => expect(settingsOf({}, env)).toEqual(settingsOf()),
  );

  it.each(['a', '0', 'a-b_c9', 'a'.repeat(63)])('accepts the project name %s', (projectName) =>
    expect(settingsOf({ projectName }).project).toBe(projectName),
  );

  it.each(['', '..', '../x', 'A', '-a', '_a', 'a b', 'a/b', 'a.b', 'a\n', 'a'.repeat(64)])(
    'refuses the project name %j',
    async (name) => {
      const error = await caught(() => settingsOf({ projectName: name }));
      expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
      expect(error.message).toContain('--project-name: ');
      expect(error.hint).toContain('lower-case letters, digits, - and _');
    },
  );

  it('names the invalid variable', async () => {
    const error = await caught(() => settingsOf({}, { AGENTS_LLM_PROJECT_NAME: 'My Project' }));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(error.message).toBe('AGENTS_LLM_PROJECT_NAME: "My Project" is not a valid project name');
    expect(error.hint).toContain('starting with a letter or digit');
  });
});

describe('commandLine', () => {
  it.each([
    ['agents-llm', 'agents-llm up'],
    ['two', 'agents-llm -p two up'],
  ])('builds for %s the command %s', (project, line) => expect(commandLine(project, 'up')).toBe(line));
});

describe('forProject', () => {
  it.each([
    ['agents-llm', 'run: agents-llm up', 'run: agents-llm up'],
    ['two', 'run: agents-llm up\nor agents-llm down', 'run: agents-llm -p two up\nor agents-llm -p two down'],
    ['two', 'agents-llm -p NAME up', 'agents-llm -p NAME up'],
    ['two', 'look into /home/agents-llm and my-agents-llm up', 'look into /home/agents-llm and my-agents-llm up'],
  ])('adds the project %s to the commands in %j', (project, text, expected) =>
    expect(forProject(text, project)).toBe(expected),
  );
});
