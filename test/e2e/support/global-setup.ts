import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { leftBehind } from './machine-state.ts';
import { beginRun, endRun } from './this-run.ts';

export type Probe = { readonly available: true } | { readonly available: false; readonly reason: string };

declare module 'vitest' {
  interface ProvidedContext {
    docker: Probe;
    native: Probe;
    /** The path of a Chromium, or undefined. */
    chromium: string | undefined;
  }
}

const run = promisify(execFile);

let withDocker = false;
let folder: string | undefined;

export async function setup(project: TestProject): Promise<void> {
  const [docker, native] = await Promise.all([probeDocker(), probeNative()]);
  for (const [name, probe] of Object.entries({ docker, native })) {
    if (probe.available || process.env.AGENTS_LLM_E2E === 'required') continue;
    process.stderr.write(`\nThe end-to-end tests on ${name} are skipped: ${probe.reason}\n`);
  }
  project.provide('docker', docker);
  project.provide('native', native);
  const chromium = await findChromium();
  project.provide('chromium', chromium);
  withDocker = docker.available;
  folder = beginRun();
}

/** Each file checks for its own leftovers; this one checks for all others. */
export function teardown(): void {
  if (!folder) return;
  const left = leftBehind(folder, { docker: withDocker });
  endRun(folder);
  if (left.length === 0) return;
  process.stderr.write(`\nThe end-to-end tests left something behind: ${left.join(', ')}\n`);
  // Of what is thrown here Vitest prints the words alone.
  process.exitCode = 1;
}

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome'];

async function findChromium(): Promise<string | undefined> {
  for (const name of CHROMIUMS) {
    const found = await run('sh', ['-c', `command -v ${name}`]).catch(() => undefined);
    if (found) return found.stdout.trim();
  }
  return undefined;
}

async function probeDocker(): Promise<Probe> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 20_000 });
    await run('docker', ['compose', 'version', '--short'], { timeout: 20_000 });
    return { available: true };
  } catch (error) {
    return { available: false, reason: reasonOf(error as { code?: unknown; stderr?: string; killed?: boolean }) };
  }
}

function reasonOf({ code, stderr, killed }: { code?: unknown; stderr?: string; killed?: boolean }): string {
  if (code === 'ENOENT') return 'there is no docker command on the PATH';
  if (killed) return 'the Docker engine gave no answer within 20 seconds';
  return stderr?.trim().split('\n')[0] || 'the docker command failed without a message';
}

async function probeNative(): Promise<Probe> {
  const fits = 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))';
  try {
    await run('python3', ['-c', fits], { timeout: 20_000 });
    return { available: true };
  } catch {
    return { available: false, reason: 'there is no python3 from 3.10 to 3.13 with venv on the PATH' };
  }
}
