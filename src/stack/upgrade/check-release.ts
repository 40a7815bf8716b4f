import type { Operation } from '../../context/invocation.ts';
import { remoteHttp } from '../../io/network/remote-http.ts';
import {
  compareVersions,
  formatVersion,
  type Version,
  versionOfImage,
} from '../../litellm/releases/litellm-version.ts';
import {
  newestRelease,
  type PublishedRelease,
  RELEASES_TYPE,
  RELEASES_URL,
} from '../../litellm/releases/published-releases.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { commandLine } from '../../model/settings.ts';
import { requireMade } from '../open/made-stack.ts';
import type { RuntimeFor } from '../open/open-stack.ts';

export interface ReleaseCheck {
  readonly project: string;
  readonly change: 'checked';
  readonly image: string;
  /** The version that the stack has, as far as its image tells. */
  readonly version: string | null;
  /** The version that this agents-llm is tested with and `upgrade` installs. */
  readonly tested: string | null;
  readonly newest: string;
  /** The day of its publication (`2026-11-20`), where PyPI tells. */
  readonly published: string | null;
  readonly newer: boolean;
  /** Each upgrades the stack: to the tested version, to the newest. */
  readonly commands: readonly string[];
}

/** Asks PyPI for the newest LiteLLM, and changes nothing. */
export async function checkRelease(invocation: Operation, runtimeFor?: RuntimeFor): Promise<Outcome<ReleaseCheck>> {
  const { runtime, spec } = await requireMade(invocation, runtimeFor);
  const { version, date } = await askForNewest(invocation);
  const current = versionOfImage(spec.image);
  const tested = versionOfImage(runtime.defaults.image);
  const isNewer = (other: Version | undefined) => other && (!current || compareVersions(other, current) > 0);
  const { project } = invocation.settings;
  // The native runtime installs from a lock file, which only a newer agents-llm brings.
  const installable =
    runtime.kind === 'docker' && isNewer(version) && (!tested || compareVersions(version, tested) > 0);
  return {
    data: {
      project,
      change: 'checked',
      image: spec.image,
      version: current ? formatVersion(current) : null,
      tested: tested ? formatVersion(tested) : null,
      newest: formatVersion(version),
      published: date,
      newer: isNewer(version) === true,
      commands: [
        ...(isNewer(tested) ? [commandLine(project, 'upgrade')] : []),
        ...(installable ? [commandLine(project, `upgrade --to v${formatVersion(version)}`)] : []),
      ],
    },
  };
}

const ANSWER_MS = 20_000;

async function askForNewest({ context: { env, http, signal } }: Operation): Promise<PublishedRelease> {
  const url = env.AGENTS_LLM_RELEASES_URL || RELEASES_URL;
  const headers = { accept: RELEASES_TYPE };
  const result = await remoteHttp(env, http).send({ method: 'GET', url, headers, timeoutMs: ANSWER_MS, signal });
  const { host } = new URL(url);
  if (!result.ok) throw unreachable(`Cannot reach PyPI at ${host} (${result.code})`, { host, code: result.code });
  const newest = result.status === 200 ? newestRelease(result.text) : undefined;
  if (newest) return newest;
  const why =
    newest === null
      ? 'lists no LiteLLM that can be installed'
      : `answered HTTP ${result.status} without a list of releases`;
  throw unreachable(`Cannot tell the newest LiteLLM: ${host} ${why}`, { host, status: result.status });
}

const unreachable = (message: string, details: Readonly<Record<string, unknown>>) =>
  new CliError('registry_unreachable', message, {
    hint: 'Check the network and HTTPS_PROXY, then try again: agents-llm upgrade --check',
    details,
  });
