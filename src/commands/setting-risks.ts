import type { Config } from '../admin/config.ts';
import { shownValue } from '../admin/shown-value.ts';
import type { Context } from '../context.ts';
import { DEFAULT_BIND, DEFAULT_IMAGE } from '../service.ts';
import type { StackState } from '../stack/state.ts';
import type { UpFlags } from './up.ts';
import { isOlderImage } from './up-plan.ts';

type Env = Context['env'];
type Flags = Pick<UpFlags, 'bind' | 'image' | 'runtime'>;

/** Where LiteLLM's project publishes its images. */
const KNOWN_IMAGES: ReadonlySet<string> = new Set(
  ['litellm', 'litellm-database', 'litellm-non_root'].flatMap((name) => [
    `ghcr.io/berriai/${name}`,
    `docker.litellm.ai/berriai/${name}`,
    `docker.io/litellm/${name}`,
  ]),
);

export function isKnownImage(image: string): boolean {
  return KNOWN_IMAGES.has(repositoryOf(image));
}

/** What of a file's settings needs a yes of its own, compared with what the stack is: another image, an open address. */
export function settingRisks(
  config: Config,
  flags: Flags,
  env: Env,
  state: Pick<StackState, 'bind' | 'image' | 'runtime' | 'tls'> | undefined,
): readonly string[] {
  return [...bindRisk(config, flags, env, state), ...imageRisk(config, flags, env, state)];
}

function bindRisk({ bind }: Config, flags: Flags, env: Env, state: Parameters<typeof settingRisks>[3]) {
  const before = state?.tls?.bind ?? state?.bind ?? DEFAULT_BIND;
  const isOverruled = flags.bind !== undefined || Boolean(env.AGENTS_LLM_BIND);
  if (bind === undefined || isOverruled || bind === before || bind.startsWith('127.')) return [];
  return [`Other machines reach the gateway at ${bind}, not only ${before}`];
}

function imageRisk({ image }: Config, flags: Flags, env: Env, state: Parameters<typeof settingRisks>[3]) {
  if (image === undefined || flags.image !== undefined) return [];
  const runtime = state?.runtime ?? flags.runtime ?? env.AGENTS_LLM_RUNTIME;
  if (runtime === 'native' || (state && isOlderImage(image, state.image))) return [];
  const before = state?.image ?? DEFAULT_IMAGE;
  if (isKnownImage(image) || repositoryOf(image) === repositoryOf(before)) return [];
  return [`${shownValue(image)} runs with all secrets of the stack, and LiteLLM's project does not publish it`];
}

/** Without tag and digest, by its full name: `litellm/litellm:v1` is `docker.io/litellm/litellm`. */
function repositoryOf(image: string): string {
  const name = image.replace(/@.*$/s, '').replace(/:[^:/]+$/, '');
  const [first = '', ...rest] = name.split('/');
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')) return name;
  return `docker.io/${rest.length === 0 ? `library/${name}` : name}`;
}
