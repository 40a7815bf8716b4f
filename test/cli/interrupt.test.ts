import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { COMPOSE, ENGINE, type FakeDocker, fakeDocker } from '../support/fake-docker.ts';
import { runBin, startBin } from '../support/run-bin.ts';

const IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
const FRESH = {
  ...ENGINE,
  '/volumes/agents-llm_litellm_pgdata': 404,
  [`/images/${IMAGE}/json`]: 404,
  '/images/postgres:16-alpine/json': {},
};
const PORT = ['--port', '4952'];
let docker: FakeDocker | undefined;
const folder = () => join(docker?.folder ?? '', 'home', 'agents-llm');

afterEach(async () => {
  await docker?.dispose();
  docker = undefined;
});

describe.each([
  ['SIGINT', 130, 'interrupted'],
  ['SIGTERM', 143, 'terminated'],
] as const)('%s', (signal, exit, code) => {
  it('stops a pull with its docker process and releases the lock', async () => {
    docker = await fakeDocker({ cli: { ...COMPOSE, [`pull ${IMAGE}`]: { hangs: true } }, engine: FRESH });
    const up = startBin(['up', ...PORT, '--json'], docker.env);
    await up.says('Downloading');
    up.kill(signal);
    const { code: exitCode, stdout } = await up.result;
    expect(exitCode).toBe(exit);
    expect(JSON.parse(stdout).error).toMatchObject({
      code,
      retryable: true,
      hint: expect.stringContaining('agents-llm up'),
    });
    expect(existsSync(join(folder(), 'lock'))).toBe(false);
  });

  it('stops waiting for another command, which keeps its lock', async () => {
    docker = await fakeDocker({ engine: FRESH });
    mkdirSync(folder(), { recursive: true });
    // This process is the one that holds it.
    const identity = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[19];
    const owner = {
      pid: process.pid,
      identity,
      command: 'upgrade',
      since: '2026-01-01T00:00:00.000Z',
      token: 'theirs',
    };
    writeFileSync(join(folder(), 'lock'), JSON.stringify(owner));
    const up = startBin(['up', ...PORT], docker.env);
    await up.says(`Waiting for "agents-llm upgrade" (process ${process.pid})`);
    up.kill(signal);
    expect((await up.result).code).toBe(exit);
    expect(JSON.parse(readFileSync(join(folder(), 'lock'), 'utf8'))).toEqual(owner);
  });
});

it('says who holds the lock when the wait times out', async () => {
  docker = await fakeDocker({ engine: FRESH });
  mkdirSync(folder(), { recursive: true });
  const identity = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[19];
  const owner = { pid: process.pid, identity, command: 'upgrade', since: '2026-01-01T00:00:00.000Z', token: 'theirs' };
  writeFileSync(join(folder(), 'lock'), JSON.stringify(owner));
  const { code, stdout } = await runBin(['up', ...PORT, '--timeout', '1s', '--json'], docker.env);
  expect(code).toBe(7);
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'stack_locked', retryable: true });
});

it('takes over the lock of a process that has ended', async () => {
  docker = await fakeDocker({ engine: FRESH });
  mkdirSync(folder(), { recursive: true });
  const owner = {
    pid: process.pid,
    identity: 'an-earlier-start',
    command: 'up',
    since: '2026-01-01T00:00:00.000Z',
    token: 'old',
  };
  writeFileSync(join(folder(), 'lock'), JSON.stringify(owner));
  const { stdout } = await runBin(['up', ...PORT, '--pull', 'never', '--json'], docker.env);
  expect(JSON.parse(stdout).error.code).toBe('image_missing');
});
