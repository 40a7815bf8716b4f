import type { Clock } from '../../io/clock.ts';
import type { Command } from '../../io/processes/runner.ts';
import type { Progress } from '../../io/terminal/progress.ts';
import { CliError } from '../../model/errors.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { PullPolicy } from '../runtime.ts';
import { docker as command, type DockerCli } from './engine/docker-cli.ts';
import type { EngineClient } from './engine/engine-client.ts';
import type { EngineAddress } from './engine/engine-error.ts';
import { imagesOf } from './images-of.ts';
import { isPassing, pullError } from './pull-error.ts';

export interface ImageOptions extends EngineAddress {
  readonly docker: DockerCli;
  readonly engine: EngineClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A large layer prints nothing while it is downloaded. */
const IDLE_MS = 1_200_000;
const BACK_OFF_MS = [2000, 6000] as const;

export const dockerPull = (image: string): Command => command('pull', image);

/** Downloads the images that the engine does not have, with one progress phase each. */
export async function prepareImages(spec: StackSpec, policy: PullPolicy, options: ImageOptions): Promise<void> {
  for (const image of imagesOf(spec)) {
    if (policy !== 'always' && (await options.engine.imageDigest(image)) !== undefined) continue;
    if (policy === 'never') {
      throw new CliError(
        'image_missing',
        `Image ${image} is not on this machine, but --pull never forbids downloading it`,
        {
          hint: `Download it: docker pull ${image}\nOr run the same command with --pull missing`,
          details: { image },
        },
      );
    }
    await pull(image, options);
  }
}

async function pull(image: string, options: ImageOptions): Promise<void> {
  options.progress.phase(`Downloading ${image}`);
  for (const wait of [...BACK_OFF_MS, undefined]) {
    const layers = layerCount();
    const result = await options.docker(dockerPull(image).args, {
      timeoutMs: null,
      idleMs: IDLE_MS,
      onLine: (line) => {
        const text = layers(line);
        if (text !== undefined) options.progress.detail(text);
      },
    });
    if (result.exitCode === 0) return;
    if (wait === undefined || !isPassing(result)) throw pullError(result, { ...options, image });
    options.progress.detail(`registry busy, retrying in ${wait / 1000} s`);
    await options.clock.sleep(wait, options.signal);
  }
}

/** Counts the layers in the output of `docker pull`; returns a text whenever the count has changed. */
export function layerCount(): (line: string) => string | undefined {
  const seen = new Set<string>();
  const done = new Set<string>();
  let last: string | undefined;
  return (line) => {
    const match = /^([0-9a-f]{12}): (.+)$/.exec(line.trim());
    if (!match?.[1] || match[2]?.startsWith('Pulling from')) return undefined;
    seen.add(match[1]);
    if (/^(Pull complete|Already exists)/.test(match[2] ?? '')) done.add(match[1]);
    const text = `${done.size}/${seen.size} layers`;
    if (text === last) return undefined;
    last = text;
    return text;
  };
}
