import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { homeFolder, projectPaths } from '../../../src/model/paths.ts';
import { composeFile } from '../../../src/package-files.ts';

describe('homeFolder', () => {
  it.each([
    [{}, '/home/me/.local/share/agents-llm'],
    [{ XDG_DATA_HOME: '/data' }, '/data/agents-llm'],
    [{ XDG_DATA_HOME: 'data' }, '/home/me/.local/share/agents-llm'],
    [{ LOCALAPPDATA: '/users/me/local' }, '/users/me/local/agents-llm'],
    [{ LOCALAPPDATA: '/users/me/local', XDG_DATA_HOME: '/data' }, '/data/agents-llm'],
    [{ XDG_DATA_HOME: '' }, '/home/me/.local/share/agents-llm'],
    [{ XDG_DATA_HOME: '/data', AGENTS_LLM_HOME: '/mine' }, '/mine'],
    [{ AGENTS_LLM_HOME: 'mine/../yours' }, '/srv/yours'],
    [{ AGENTS_LLM_HOME: '' }, '/home/me/.local/share/agents-llm'],
  ])('resolves %o to %s', (env, folder) => expect(homeFolder(env, '/home/me', '/srv')).toBe(folder));
});

it('projectPaths keeps all files of a project in its folder', () => {
  expect(projectPaths('/data', 'two')).toEqual({
    folder: '/data/two',
    state: '/data/two/state.json',
    secrets: '/data/two/.env',
    environment: '/data/two/environment.json',
    composeEnvironment: '/data/two/compose.environment.yml',
    gatewayFiles: '/data/two/gateway-files',
    settings: '/data/two/compose.env',
    secretsBefore: '/data/two/.env.before-restore',
    allowedFiles: '/data/two/allowed-files.json',
    lock: '/data/two/lock',
    keys: '/data/two/keys',
    backups: '/data/two/backups',
    tls: '/data/two/tls',
    litellmFiles: '/data/two/litellm-files.json',
    agents: '/data/two/agents',
  });
});

it('composeFile is the file of this package', () => {
  expect(readFileSync(composeFile(), 'utf8')).toContain('litellm_pgdata');
});
