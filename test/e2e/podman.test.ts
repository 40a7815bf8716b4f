import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { dockerAt, partsOf, removeProject } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';

const PROJECT = 'e2e-podman';
/** Of a stack that wants the port of the first. */
const OTHER = 'e2e-podman-2';
const endpoint = process.env.AGENTS_LLM_TEST_PODMAN;

const missing = endpoint ? undefined : "AGENTS_LLM_TEST_PODMAN names no socket of Podman's";

describeOn(onDocker, { missing })('with Podman as the engine', () => {
  let cli: Cli;
  let port: string;
  let before: ReturnType<typeof snapshot>;
  const podman = dockerAt(endpoint);
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args, '--json'], { DOCKER_HOST: endpoint });
  const data = async (...args: string[]) => {
    const { code, json, stderr } = await run(...args);
    expect(code, `${json.error?.message}\n${stderr}`).toBe(0);
    return json.data;
  };

  beforeAll(async () => {
    before = snapshot();
    cli = createCli(onDocker);
    port = String(await freePort());
    for (const project of [PROJECT, OTHER]) removeProject(project, endpoint);
  });

  afterAll(() => {
    for (const project of [PROJECT, OTHER]) removeProject(project, endpoint);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('doctor calls it Podman before the first up', async () => {
    const { json } = await run('doctor');
    const engine = json.data.checks.find((check: { id: string }) => check.id === 'engine');
    expect(engine).toMatchObject({ status: 'ok', seen: expect.stringMatching(/^Podman \d+\.\d+\.\d+ at unix:/) });
  });

  it('starts the stack and leaves it unchanged the second time', async () => {
    expect(await data('up', '--port', port)).toMatchObject({ change: 'started', version: '1.108.11' });
    expect(await data('up')).toMatchObject({ change: 'unchanged' });
  });

  it('reports LiteLLM as healthy', async () => {
    const health = () => podman('inspect', '-f', '{{.State.Health.Status}}', `${PROJECT}-litellm-1`);
    await expect.poll(health, { timeout: 30_000, interval: 500 }).toBe('healthy');
  });

  it('names the container that uses a port', async () => {
    const { code, json } = await cli.run(['-p', OTHER, 'up', '--port', port, '--json'], {
      DOCKER_HOST: endpoint,
    });
    expect(code).toBe(6);
    expect(json.error).toMatchObject({
      code: 'port_taken',
      message: `Port ${port} on 127.0.0.1 is already in use by container ${PROJECT}-litellm-1 (project ${PROJECT})`,
      hint: expect.stringContaining(`docker stop ${PROJECT}-litellm-1`),
    });
  });

  it('keeps the data after a recreate, a stop and a start', async () => {
    expect(await data('verify-persistence')).toMatchObject({ losses: [] });
    expect(await data('down')).toMatchObject({ change: 'stopped' });
    expect(await data('up')).toMatchObject({ change: 'started' });
  });

  it('deletes the whole stack', async () => {
    expect(await data('down', '--volumes', '--no-backup', '--force')).toMatchObject({ change: 'deleted' });
    expect(partsOf(PROJECT, endpoint)).toEqual([[], [], []]);
  });
});
