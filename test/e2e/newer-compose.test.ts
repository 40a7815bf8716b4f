import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { removeProject } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';

const PROJECT = 'e2e-newer';
const plugin = process.env.AGENTS_LLM_TEST_COMPOSE;

const missing = plugin ? undefined : 'AGENTS_LLM_TEST_COMPOSE names no plugin';

describeOn(onDocker, { missing })('another version of Compose', () => {
  let cli: Cli;
  let config: string;
  let before: ReturnType<typeof snapshot>;

  beforeAll(() => {
    removeProject(PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    config = mkdtempSync(join(tmpdir(), 'agents-llm-compose-'));
    mkdirSync(join(config, 'cli-plugins'));
    symlinkSync(plugin ?? '', join(config, 'cli-plugins', 'docker-compose'));
  });

  afterAll(() => {
    removeProject(PROJECT);
    cli.dispose();
    rmSync(config, { recursive: true });
    expectNoLeaks(before);
  });

  it('starts, restarts, stops and deletes the stack', async () => {
    const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args, '--json'], { DOCKER_CONFIG: config });
    expect((await run('up', '--port', String(await freePort()))).json.data).toMatchObject({
      change: 'started',
      version: '1.108.11',
    });
    expect((await run('restart', 'litellm-db')).json.data).toMatchObject({ restarted: ['litellm-db'] });
    expect((await run('down')).json.data).toMatchObject({ change: 'stopped' });
    expect((await run('up')).json.data).toMatchObject({ change: 'started' });
    expect((await run('down', '--volumes', '--force')).json.data).toMatchObject({ change: 'deleted' });
  });
});
