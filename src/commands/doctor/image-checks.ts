import { silentProgress } from '../../io/progress.ts';
import { PROXY } from '../../service.ts';
import { judgeVersion, parseVersion, type Version, versionOfImage } from '../../stack/litellm-version.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export const IMAGE_CHECKS: readonly Check[] = [
  { id: 'images', look: lookAtImages },
  { id: 'image-digest', look: lookAtDigests },
  {
    id: 'image-version',
    look: async (stack) => judgeImageVersion((await stack.spec()).image, await versionOf(stack)),
  },
];

async function lookAtImages({ runtime, spec, state, engine }: ExaminedStack): Promise<Finding> {
  const wanted = await spec();
  await engine();
  const images = [wanted.image, wanted.databaseImage].join(' and ');
  try {
    await runtime.prepare(wanted, 'never', silentProgress);
    return ok(`${images} ${runtime.kind === 'docker' ? 'are on the engine' : 'are installed'}`);
  } catch (error) {
    if (await state()) throw error;
    return warn(`not all of ${images} is on this machine yet`, 'the first start fetches it: agents-llm up');
  }
}

async function lookAtDigests({ runtime, spec, state, engine }: ExaminedStack): Promise<Finding> {
  await engine();
  return judgeDigests((await state())?.digests ?? {}, await runtime.imageDigests(await spec()));
}

type Digests = Readonly<Record<string, string>>;

/** A name such as `latest`, or one that was given to another image since, no longer means what the stack was made with. */
export function judgeDigests(known: Digests, now: Digests): Finding {
  const moved = Object.entries(now).flatMap(([image, digest]) => {
    const before = known[image];
    return before === undefined || before === digest ? [] : [{ image, digest, before }];
  });
  const [first] = moved;
  if (!first) {
    const noted = Object.keys(now).filter((image) => known[image] !== undefined).length;
    return ok(noted > 0 ? 'the same images as at the first start' : 'nothing is noted to compare with yet');
  }
  const seen = moved.map(({ image, digest, before }) => `${image} is ${digest} now, and was ${before}`).join('; ');
  const name = first.image.replace(/@.*$/, '');
  return warn(seen, `to run the one of before, if it was not changed on purpose: docker pull ${name}@${first.before}`);
}

/** What runs, by its own word, else by its name. */
async function versionOf({ health, spec, services }: ExaminedStack): Promise<Version | undefined> {
  const told = await health().catch(() => undefined);
  const running = await services().catch(() => []);
  const image = running.find(({ service }) => service === PROXY)?.image ?? (await spec()).image;
  return (told?.state === 'ready' && told.version ? parseVersion(told.version) : undefined) ?? versionOfImage(image);
}

export function judgeImageVersion(image: string, version: Version | undefined): Finding {
  if (!version) return warn(`which LiteLLM ${image} is cannot be told`, 'name one: agents-llm upgrade');
  const verdict = judgeVersion(version);
  if (!verdict) return ok(`LiteLLM ${version.join('.')}: nothing known against it`);
  const fix = 'take the one that agents-llm is made for: agents-llm upgrade';
  return verdict.kind === 'doubtful' ? warn(verdict.why, fix) : fail('version_refused', verdict.why, fix);
}
