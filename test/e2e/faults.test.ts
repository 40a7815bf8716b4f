import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { buildCrashingImage, docker, doubleNetwork, removeProject } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';

const PROJECT = 'e2e-faults';
const PORT = String(await freePort());
const CRASHING = 'agents-llm-e2e/crashing:1';

// One stack with one fault after the other; each test repairs its own fault.
describeOn(onDocker)('a stack with faults', () => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);
  const secretsFile = () => join(cli.home, PROJECT, '.env');
  const edit = (from: RegExp, to: string) => {
    const text = readFileSync(secretsFile(), 'utf8');
    writeFileSync(secretsFile(), text.replace(from, to));
    return () => writeFileSync(secretsFile(), text);
  };

  beforeAll(() => {
    removeProject(PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    buildCrashingImage(CRASHING);
  });

  afterAll(() => {
    removeProject(PROJECT);
    docker('rmi', '-f', CRASHING);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('stops at once on Ctrl-C during a start, and two `up` at the same time then complete it', async () => {
    const up = cli.start(['-p', PROJECT, 'up', '--port', PORT, '--json']);
    await new Promise<void>((resolve) => {
      up.child.stderr?.on('data', (text: string) => text.includes('Starting the database') && resolve());
    });
    up.child.kill('SIGINT');
    const interrupted = await up.result;
    expect(interrupted.code).toBe(130);
    expect(interrupted.json.error).toMatchObject({
      code: 'interrupted',
      hint: expect.stringContaining('agents-llm -p e2e-faults up'),
    });

    const both = await Promise.all([run('up', '--json'), run('up', '--json')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ json }) => json.data.change).sort()).toEqual(['started', 'unchanged']);
    expect(both.some(({ stderr }) => stderr.includes('Waiting for "agents-llm up"'))).toBe(true);
  });

  it('stops on SIGTERM while it waits for the gateway', async () => {
    await run('down');
    const up = cli.start(['-p', PROJECT, 'up', '--json']);
    await new Promise<void>((resolve) => {
      up.child.stderr?.on('data', (text: string) => text.includes('loading the gateway') && resolve());
    });
    up.child.kill('SIGTERM');
    const result = await up.result;
    expect(result).toMatchObject({ code: 143, json: { error: { code: 'terminated' } } });
  });

  it('stays up after a timeout, and up shows its last log lines', async () => {
    await run('down');
    const late = await run('up', '--timeout', '4s', '--json');
    expect(late.code).toBe(7);
    expect(late.json.error).toMatchObject({ code: 'not_ready', retryable: true });
    expect(Array.isArray(late.json.error.details.log)).toBe(true);
    expect((await run('status', '--json')).json.data.state).toBe('starting');
    expect((await run('up', '--json')).code).toBe(0);
  });

  it('reports a gateway that its database rejects', async () => {
    const alter = `ALTER ROLE litellm PASSWORD 'another-password-1'`;
    docker('exec', `${PROJECT}-litellm-db-1`, 'psql', '-U', 'litellm', '-c', alter);
    const text = await run('restart', 'litellm');
    expect(text.code).toBe(7);
    expect(text.stderr).toMatch(/litellm failed: the database rejected its password[\s\S]*hint: /);
    const status = await run('status', '--json');
    expect(status.code).toBe(7);
    expect((await run('rotate-db-password', '--as-written')).code).toBe(0);
    expect((await run('status')).code).toBe(0);
  });

  it('rejects a blank master key and leaves the file unchanged', async () => {
    const mend = edit(/^LITELLM_MASTER_KEY=.*$/m, 'LITELLM_MASTER_KEY=');
    const broken = readFileSync(secretsFile(), 'utf8');
    const up = await run('up', '--json');
    expect(up.json.error).toMatchObject({
      code: 'secrets_invalid',
      message: expect.stringContaining('LITELLM_MASTER_KEY'),
    });
    expect(up.code).toBe(9);
    expect(readFileSync(secretsFile(), 'utf8')).toBe(broken);
    mend();
  });

  it('creates no new secrets while the volume exists', async () => {
    renameSync(secretsFile(), `${secretsFile()}.away`);
    const up = await run('up', '--json');
    expect(up.json.error).toMatchObject({ code: 'secrets_missing' });
    expect(up.code).toBe(9);
    renameSync(`${secretsFile()}.away`, secretsFile());
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
  });

  it('stops the start when the database keeps exiting', async () => {
    const loop = await run('up', '--db-image', 'ghcr.io/berriai/litellm:v1.108.11', '--pull', 'never', '--json');
    expect(loop.code).toBe(7);
    expect(loop.json.error).toMatchObject({ code: 'service_failed', details: { service: 'litellm-db' } });
    expect((await run('up', '--db-image', 'postgres:16-alpine', '--json')).code).toBe(0);
  });

  it('reports a gateway that keeps exiting', async () => {
    const loop = await run('up', '--image', CRASHING, '--pull', 'never', '--json');
    expect(loop.code).toBe(7);
    expect(loop.json.error).toMatchObject({ code: 'service_failed', details: { service: 'litellm' } });
    expect(loop.json.error.details.log).toContain('a cause of its own');
    expect((await run('status', '--json')).json.data.state).toMatch(/restarting|unhealthy/);
    // Compares the whole result, so a failure shows the reason.
    expect(await run('up', '--image', 'ghcr.io/berriai/litellm:v1.108.11', '--json')).toMatchObject({ code: 0 });
  });

  it('reports that an image is missing and that downloads are disabled', async () => {
    const up = await run('up', '--image', 'agents-llm.invalid/none:1', '--pull', 'never', '--json');
    expect(up).toMatchObject({ code: 5, json: { error: { code: 'image_missing' } } });
    expect((await run('status')).code).toBe(0);
  });

  it('repairs a network that an earlier conflict has duplicated', async ({ skip }) => {
    await run('down');
    docker('rm', '-f', `${PROJECT}-litellm-1`, `${PROJECT}-litellm-db-1`);
    const networks = () => docker('network', 'ls', '-q', '--filter', `name=${PROJECT}_default`).split('\n');
    if (!(await doubleNetwork(PROJECT))) skip('this engine allows no second network of one name');
    expect(networks()).toHaveLength(2);
    expect((await run('up', '--json')).json.data?.change).toBe('started');
    expect(networks()).toHaveLength(1);
  });

  it('opens to the network only with a generated password, which ui shows on request', async () => {
    const known = ['-p', PROJECT, 'up', '--bind', '0.0.0.0', '--ui-password', 'env:LOGIN', '--json'];
    const refused = await cli.run(known, { LOGIN: 'admin' });
    expect(refused).toMatchObject({ code: 2, json: { error: { code: 'bind_needs_password' } } });
    const up = await run('up', '--bind', '0.0.0.0', '--ui-password', 'generate', '--json');
    expect(up.json.data).toMatchObject({ ui: { password: null } });
    expect(up.json.warnings[0]).toContain('plain HTTP');
    const password = cli.secretsOf(PROJECT).UI_PASSWORD;
    expect((await run('ui', '--json')).json.data.password).not.toBe(password);
    expect((await run('ui', '--reveal', '--json')).json.data.password).toBe(password);
  });
});
