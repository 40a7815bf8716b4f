import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

export type DockerProbe = { readonly available: true } | { readonly available: false; readonly reason: string };

declare module 'vitest' {
  interface ProvidedContext {
    docker: DockerProbe;
  }
}

const run = promisify(execFile);

export async function setup(project: TestProject): Promise<void> {
  const docker = await probeDocker();
  if (!docker.available && process.env.AGENTS_LLM_E2E !== 'required') {
    process.stderr.write(`\nend-to-end tests are skipped: ${docker.reason}\n\n`);
  }
  project.provide('docker', docker);
}

async function probeDocker(): Promise<DockerProbe> {
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
