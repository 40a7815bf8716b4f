import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBin } from '../support/run-bin.ts';

let folder: string;
let env: Record<string, string>;

// The tests do not use the engine of this machine, because the current context names another one.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agents-llm-without-docker-'));
  const meta = join(folder, 'docker', 'contexts', 'meta', createHash('sha256').update('gone').digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(folder, 'docker', 'config.json'), '{"currentContext":"gone"}');
  const endpoint = { docker: { Host: `unix://${join(folder, 'gone.sock')}` } };
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'gone', Endpoints: endpoint }));
  env = { HOME: folder, AGENTS_LLM_HOME: join(folder, 'home'), DOCKER_CONFIG: join(folder, 'docker'), PATH: folder };
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('without Docker and without a stack', () => {
  it.each([['down'], ['down --volumes --force'], ['backup list']])('%s has nothing to do', async (line) => {
    expect(await runBin(line.split(' '), env)).toMatchObject({ code: 0 });
  });

  it.each([
    'restart',
    'ui',
    'backup',
    'verify-persistence',
    'upgrade',
    'rotate-master-key',
    'export compose',
    'provider list',
  ])('%s reports that there is no stack and how to create one', async (line) => {
    const text = await runBin(line.split(' '), env);
    const { error } = JSON.parse((await runBin([...line.split(' '), '--json'], env)).stdout);
    expect([text.code, error.code]).toEqual([10, 'not_running']);
    expect(text.stderr).toContain(`error: ${error.message}\n`);
    expect(error.hint).toMatch(/: agents-llm up/);
  });

  it('status reports it as a state', async () => {
    const { code, stdout } = await runBin(['status', '--json'], env);
    expect([code, JSON.parse(stdout)]).toMatchObject([10, { ok: true, data: { state: 'not-created', services: [] } }]);
  });

  it('a configured engine that does not answer is an error', async () => {
    const { code, stdout } = await runBin(['down', '--json'], { ...env, DOCKER_HOST: `unix://${folder}/gone.sock` });
    expect([code, JSON.parse(stdout).error.code]).toEqual([5, 'engine_unreachable']);
  });

  it('the commands leave no files behind', () => expect(existsSync(env.AGENTS_LLM_HOME ?? '')).toBe(false));
});
