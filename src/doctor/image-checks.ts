import { silentProgress } from '../io/terminal/progress.ts';
import type { Advisory } from '../litellm/releases/advisories.ts';
import { formatVersion, parseVersion, type Version, versionOfImage } from '../litellm/releases/litellm-version.ts';
import { judged, rollingWarnings } from '../litellm/releases/trusted-image.ts';
import { PROXY } from '../model/service.ts';
import { type Digests, movedImages } from '../stack/open/images.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

export const IMAGE_CHECKS: readonly Check[] = [
  { id: 'images', run: checkImages },
  { id: 'image-digest', run: checkDigests },
  {
    id: 'image-version',
    run: async (stack) => {
      const { image } = await stack.spec();
      return judgeImageVersion(image, await versionOf(stack), (await stack.state())?.digests?.[image]);
    },
  },
  { id: 'advisories', run: checkAdvisories },
];

async function checkImages({ runtime, spec, state, engine }: ExaminedStack): Promise<Finding> {
  const wanted = await spec();
  await engine();
  const images = [wanted.image, wanted.databaseImage].join(' and ');
  try {
    await runtime.prepare(wanted, 'never', silentProgress);
    return ok(`${images} are ${runtime.kind === 'docker' ? 'downloaded' : 'installed'}`);
  } catch (error) {
    if (await state()) throw error;
    return warn(`${images} are not all downloaded yet`, 'Download them: agents-llm up');
  }
}

async function checkDigests({ runtime, spec, state, engine }: ExaminedStack): Promise<Finding> {
  await engine();
  return judgeDigests((await state())?.digests ?? {}, await runtime.imageDigests(await spec()));
}

/** A tag such as `latest` may have moved to another image since the first start. */
export function judgeDigests(known: Digests, now: Digests): Finding {
  const moved = movedImages(known, now);
  const [first] = moved;
  if (!first) {
    const noted = Object.keys(now).filter((image) => known[image] !== undefined).length;
    return ok(noted > 0 ? 'Images have not changed since the first start' : 'Nothing to compare with yet');
  }
  const seen = moved.map(({ image, digest, before }) => `${image} is now ${digest} but was ${before}`).join('; ');
  const name = first.image.replace(/@.*$/s, '');
  return warn(
    seen,
    `If you did not change it on purpose, restore the previous image: docker pull ${name}@${first.before}`,
  );
}

/** The version that the gateway reports, or else the one in the image tag. */
async function versionOf({ health, spec, services }: ExaminedStack): Promise<Version | undefined> {
  const probed = await health().catch(() => undefined);
  const running = await services().catch(() => []);
  const image = running.find(({ service }) => service === PROXY)?.image ?? (await spec()).image;
  return (
    (probed?.state === 'ready' && probed.version ? parseVersion(probed.version) : undefined) ?? versionOfImage(image)
  );
}

export function judgeImageVersion(image: string, version: Version | undefined, digest?: string): Finding {
  if (!version) return warn(`Cannot tell which LiteLLM version ${image} is`, 'Use a known version: agents-llm upgrade');
  const name = formatVersion(version);
  const found = judged(version);
  const fix = 'Use the version of this agents-llm: agents-llm upgrade';
  if (found) return found.kind === 'faulty' ? warn(found.why, fix) : fail('version_refused', found.why, fix);
  const [rolling] = rollingWarnings(image, name, digest);
  return rolling ? warn(rolling, fix) : ok(`LiteLLM ${name} has no known advisories`);
}

const OSV_MS = 10_000;

/** Only with --online, because it tells another service what runs here. */
async function checkAdvisories(stack: ExaminedStack): Promise<Finding> {
  if (!stack.online) return skip('Only with --online, which asks osv.dev about the installed LiteLLM');
  const version = await versionOf(stack);
  if (!version) return skip('Cannot tell which LiteLLM version is running');
  const { env, http, signal } = stack.invocation.context;
  const [{ remoteHttp }, { OSV_URL, osvQuery, parseOsv }] = await Promise.all([
    import('../io/network/remote-http.ts'),
    import('../litellm/releases/osv.ts'),
  ]);
  const name = formatVersion(version);
  const url = env.AGENTS_LLM_OSV_URL || OSV_URL;
  const headers = { 'content-type': 'application/json' };
  const asked = { method: 'POST', url, headers, body: osvQuery(name), timeoutMs: OSV_MS, signal } as const;
  const result = await remoteHttp(env, http).send(asked);
  const host = new URL(url).host;
  const fix = 'Check the network and HTTPS_PROXY, then try again: agents-llm doctor --online';
  if (!result.ok) return warn(`Cannot reach OSV at ${host} (${result.code})`, fix);
  const answer = result.status === 200 ? parseOsv(result.text) : undefined;
  if (!answer) return warn(`Cannot reach OSV: ${host} answered HTTP ${result.status}, which is not an OSV answer`, fix);
  return judgeAdvisories(name, answer.advisories);
}

const MOST_SHOWN = 3;

function judgeAdvisories(version: string, found: readonly Advisory[]): Finding {
  if (found.length === 0) return ok(`OSV lists no advisories for LiteLLM ${version}`);
  const shown = found.slice(0, MOST_SHOWN).map(({ id, what }) => `${id} ${what}`);
  const more = found.length > MOST_SHOWN ? [`and ${found.length - MOST_SHOWN} more`] : [];
  const noun = found.length === 1 ? 'advisory' : 'advisories';
  const seen = `OSV lists ${found.length} ${noun} for LiteLLM ${version}: ${[...shown, ...more].join('; ')}`;
  const fix = 'Use a fixed version: agents-llm upgrade';
  return found.every(({ kind }) => kind === 'faulty') ? warn(seen, fix) : fail('version_refused', seen, fix);
}
