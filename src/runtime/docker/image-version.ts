import type { DockerCli } from './engine/docker-cli.ts';

/** Where images of LiteLLM have their Python packages, as shell patterns. */
const SITES = ['/app/.venv', '/usr', '/usr/local', '/opt/*', '/venv'].map((root) => `${root}/lib/python3*/*-packages`);
const TIMEOUT_MS = 30_000;
const ISOLATED = '--pull never --network none --read-only --cap-drop ALL --security-opt no-new-privileges'.split(' ');

/**
 * The version of LiteLLM in an image, whatever its name says; undefined if it is unknown. Does not run Python, because a
 * compromised release acts as soon as Python starts.
 */
export async function imageVersion(image: string, docker: DockerCli): Promise<string | undefined> {
  const script = `for f in ${SITES.map((site) => `${site}/litellm-[0-9]*.dist-info`).join(' ')}; do echo "$f"; done`;
  const args = ['run', '--rm', ...ISOLATED, '--entrypoint', 'sh', image, '-c', script];
  const { stdout } = await docker(args, { timeoutMs: TIMEOUT_MS });
  return /\/litellm-(\d[^/\s*]*)\.dist-info/.exec(stdout)?.[1];
}
