import type { DockerCli } from './engine/docker-cli.ts';

/** Where images of LiteLLM have their Python packages; patterns of a shell. */
const SITES = ['/app/.venv', '/usr', '/usr/local', '/opt/*', '/venv'].map((root) => `${root}/lib/python3*/*-packages`);
const LOOK_MS = 30_000;
const CLOSED = '--pull never --network none --read-only --cap-drop ALL --security-opt no-new-privileges'.split(' ');

/**
 * Which LiteLLM an image holds, whatever its name says. Nothing of Python is run: a stolen release acts as soon as Python
 * starts. Undefined if it is unknown.
 */
export async function imageVersion(image: string, docker: DockerCli): Promise<string | undefined> {
  const script = `for f in ${SITES.map((site) => `${site}/litellm-[0-9]*.dist-info`).join(' ')}; do echo "$f"; done`;
  const args = ['run', '--rm', ...CLOSED, '--entrypoint', 'sh', image, '-c', script];
  const { stdout } = await docker(args, { timeoutMs: LOOK_MS });
  return /\/litellm-(\d[^/\s*]*)\.dist-info/.exec(stdout)?.[1];
}
