import type { Context } from '../../context/context.ts';
import type { Config } from '../../litellm/config/config.ts';
import { isKnownImage, repositoryOf } from '../../litellm/releases/known-images.ts';
import { isOlderImage } from '../../litellm/releases/litellm-version.ts';
import { DEFAULT_BIND, DEFAULT_IMAGE } from '../../model/stack-spec.ts';
import type { StackState } from '../../project/state.ts';
import { shownValue } from '../../text/shown-value.ts';
import type { UpFlags } from './up-options.ts';

type Env = Context['env'];

type Flags = Pick<UpFlags, 'bind' | 'image' | 'runtime' | 'litellmConfig'>;

/** Settings of a file that need separate approval, compared with the stack: another image, an open address. */
export function settingRisks(
  config: Config,
  flags: Flags,
  env: Env,
  state: Pick<StackState, 'bind' | 'image' | 'runtime' | 'tls' | 'litellm'> | undefined,
): readonly string[] {
  return [
    ...bindRisk(config, flags, env, state),
    ...imageRisk(config, flags, env, state),
    ...codeRisk(config, flags, state),
  ];
}

/** Python modules of a repository run with everything that the gateway can access, and natively as the user. */
function codeRisk({ litellm }: Config, { litellmConfig }: Flags, state: Parameters<typeof settingRisks>[3]) {
  if (!litellm || litellmConfig !== undefined || litellm.hash === state?.litellm?.hash) return [];
  return litellm.modules.map((name) => `${shownValue(name)} runs in the gateway with all secrets of the stack`);
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
  return [`${shownValue(image)} runs with all secrets of the stack, but the LiteLLM project does not publish it`];
}
