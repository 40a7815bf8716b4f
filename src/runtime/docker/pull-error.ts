import type { RunResult } from '../../io/processes/runner.ts';
import { CliError, type ErrorCode } from '../../model/errors.ts';
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
  readonly image: string;
}

export function pullError({ stderr, exitCode, outcome }: RunResult, failure: PullFailure): CliError {
  const { image } = failure;
  const reason = outcome === 'timeout' ? 'no progress for 20 min' : lastLine(stderr) || `exit code ${exitCode}`;
  const cause = causes(failure).find(({ pattern }) => pattern.test(stderr));
  return (
    engineTrouble(stderr, failure) ??
    new CliError(cause?.code ?? 'registry_unreachable', `${cause?.message ?? `Cannot download ${image}`}: ${reason}`, {
      hint: cause?.hint ?? `See the full output: docker pull ${image}`,
      details: { image, reason },
    })
  );
}

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** A message can match several causes, so the order matters. */
function causes({ image }: PullFailure): readonly Cause[] {
  const login = `docker login ${registryOf(image)}`.trimEnd();
  const later = 'Try again later\nOr use an image that is on this machine: agents-llm up --pull never';
  const unreachable = {
    code: 'registry_unreachable',
    message: `Cannot reach the registry of ${image}`,
    hint: later,
  } as const;
  return [
    {
      pattern: /no space left on device/,
      code: 'unexpected',
      message: `The Docker engine has no disk space left for ${image}`,
      hint: 'See what uses it: docker system df',
    },
    {
      pattern: /toomanyrequests|too many requests/i,
      code: 'registry_unreachable',
      message: `The registry limits how often ${image} can be downloaded`,
      hint: `Log in for a higher limit: ${login}`,
    },
    {
      pattern: /x509|certificate signed by unknown/i,
      ...unreachable,
      hint: 'Make the Docker engine trust the certificate authority of your network; up --ca is for the gateway alone\nOr use an image that is on this machine: agents-llm up --pull never',
    },
    { pattern: PASSING, ...unreachable },
    { pattern: NETWORK, ...unreachable },
    {
      // Docker Hub answers "denied" for a repository that does not exist.
      pattern: /unauthorized|denied|authentication required|no basic auth|forbidden/i,
      code: 'image_refused',
      message: `The registry denied access to ${image}`,
      hint: `Check the name, or log in: ${login}`,
    },
    {
      pattern: /not found|manifest unknown|name unknown|no matching manifest|invalid reference format/i,
      code: 'image_not_found',
      message: `Image ${image} not found in its registry`,
      hint: 'Name another image: agents-llm up --image IMAGE',
    },
  ];
}

/** The part before the first slash if it is a host name; empty for Docker Hub. */
function registryOf(image: string): string {
  const [first, ...rest] = image.split('/');
  return rest.length > 0 && first && /[.:]|^localhost$/.test(first) ? first : '';
}
