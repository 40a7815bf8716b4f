import type { RunResult } from '../../io/processes/runner.ts';
import { CliError, type ErrorCode } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { type EngineAddress, engineTrouble, lastLine } from './engine/engine-error.ts';

const NETWORK =
  /no such host|no route to host|network is unreachable|connection refused|connection reset|dial tcp|lookup \S+ on|tls:|x509|i\/o timeout|TLS handshake|EOF|Client\.Timeout|context deadline exceeded|proxyconnect/i;
const PASSING =
  /toomanyrequests|too many requests|\b429\b|\b50[0234]\b|internal server error|bad gateway|service unavailable|i\/o timeout|handshake timeout|Client\.Timeout|context deadline exceeded/i;

/** Whether the same pull may succeed in a few seconds. */
export function isPassing({ stderr }: RunResult): boolean {
  return PASSING.test(stderr);
}

export interface PullFailure extends EngineAddress {
  readonly project: string;
  readonly image: string;
}

export function pullError({ stderr, exitCode, outcome }: RunResult, failure: PullFailure): CliError {
  const { image } = failure;
  const reason = outcome === 'timeout' ? 'no progress for 20 min' : lastLine(stderr) || `exit code ${exitCode}`;
  const cause = causes(failure).find(({ pattern }) => pattern.test(stderr));
  return (
    engineTrouble(stderr, failure) ??
    new CliError(
      cause?.code ?? 'registry_unreachable',
      `${cause?.message ?? `${image} cannot be fetched`}: ${reason}`,
      {
        hint: cause?.hint ?? `see all of it: docker pull ${image}`,
        details: { image, reason },
      },
    )
  );
}

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** The words of several causes occur together, so the order counts. */
function causes({ image, project }: PullFailure): readonly Cause[] {
  const up = (flags: string) => commandLine(project, `up ${flags}`);
  const login = `docker login ${registryOf(image)}`.trimEnd();
  const later = `try again later, or use an image that is on this machine: ${up('--pull never')}`;
  const unreachable = {
    code: 'registry_unreachable',
    message: `the registry of ${image} cannot be reached`,
    hint: later,
  } as const;
  return [
    {
      pattern: /no space left on device/,
      code: 'unexpected',
      message: `the engine has no disk space left for ${image}`,
      hint: 'see what takes it: docker system df',
    },
    {
      pattern: /toomanyrequests|too many requests/i,
      code: 'registry_unreachable',
      message: `the registry of ${image} gives no more for now`,
      hint: `who logs in may ask more often: ${login}`,
    },
    { pattern: PASSING, ...unreachable },
    { pattern: NETWORK, ...unreachable },
    {
      // Docker Hub says "denied" of a repository that does not exist.
      pattern: /unauthorized|denied|authentication required|no basic auth|forbidden/i,
      code: 'image_refused',
      message: `the registry does not give ${image} to you`,
      hint: `check the name, or log in: ${login}`,
    },
    {
      pattern: /not found|manifest unknown|name unknown|no matching manifest|invalid reference format/i,
      code: 'image_not_found',
      message: `there is no image ${image}`,
      hint: `name one that there is: ${up('--image IMAGE')}`,
    },
  ];
}

/** The part before the first slash when it is a host's name; empty for Docker Hub. */
function registryOf(image: string): string {
  const [first, ...rest] = image.split('/');
  return rest.length > 0 && first && /[.:]|^localhost$/.test(first) ? first : '';
}
