import { describeEnd, type RunResult } from '../../../io/processes/runner.ts';
import { CliError, systemCode } from '../../../model/errors.ts';

interface Cause {
  readonly pattern: RegExp;
  readonly why: string;
  readonly hint: string;
}

const FULL: Cause = {
  pattern: /No space left on device|Errno 28|disk quota|os error 28/i,
  why: 'no space is left on the disk',
  hint: 'make room (it takes about 1 GB), then: agents-llm native install',
};

const CAUSES: readonly Cause[] = [
  FULL,
  {
    pattern: /DO NOT MATCH THE HASHES|hash mismatch/i,
    why: 'a package is not the one that the lock file names (its hash differs)',
    hint: `nothing of it was installed. Empty pip's cache and try again: pip cache purge, then agents-llm native install
if it stays so, the index gives other packages than PyPI: see pip config list`,
  },
  {
    pattern: /certificate verify failed|CERTIFICATE_VERIFY_FAILED|invalid peer certificate/i,
    why: 'the certificate of the package index is not trusted here',
    hint: 'name the certificates that are: PIP_CERT=/path/to/ca.pem (SSL_CERT_FILE for uv); then: agents-llm native install',
  },
  // pip says that nothing matches when it could not ask, too.
  {
    pattern:
      /Could not fetch URL|Failed to establish a new connection|Temporary failure in name resolution|Max retries exceeded|Connection refused|Read timed out|ReadTimeout|ProxyError|Failed to fetch|error sending request|dns error/i,
    why: 'the package index cannot be reached',
    hint: 'check the network; PIP_INDEX_URL, HTTPS_PROXY and PIP_CERT are honoured; then: agents-llm native install',
  },
  {
    pattern: /from versions: none/i,
    why: 'the package index cannot be reached, or has none of a package',
    hint: 'check the network and PIP_INDEX_URL (pip config list); then: agents-llm native install',
  },
  {
    pattern: /No matching distribution found|no version of|not available in|No solution found/i,
    why: 'the package index lacks a package for this Python or this platform',
    hint: 'take another Python (--python), or an index that has all of PyPI: PIP_INDEX_URL',
  },
  {
    pattern: /Permission denied|Errno 13|Read-only file system|Errno 30|not a directory/i,
    why: 'its folder cannot be written',
    hint: 'give yourself the right to write there, or keep it elsewhere: AGENTS_LLM_HOME=/another/folder',
  },
];

/** What a step of the installation failed of, by its own words; `full` when it says nothing and the disk does. */
export function installError(step: string, result: RunResult, full = false): CliError {
  const text = `${result.stderr}\n${result.stdout}`;
  const cause = CAUSES.find(({ pattern }) => pattern.test(text)) ?? (full ? FULL : undefined);
  const last = text.trim().split('\n').filter(Boolean).slice(-8);
  return new CliError('install_failed', `${step} failed: ${cause?.why ?? lastWords(last, result)}`, {
    hint: cause?.hint ?? 'what is there is gone on with: agents-llm native install',
    details: { step, exitCode: result.exitCode, log: last },
  });
}

/** As `installError`, of what the system refused us. */
export function folderError(folder: string, cause: unknown): unknown {
  if (cause instanceof CliError || !(cause instanceof Error) || systemCode(cause) === undefined) return cause;
  const result: RunResult = { outcome: 'exited', exitCode: -1, stdout: '', stderr: cause.message };
  const { code, message, hint, details } = installError(`writing into ${folder}`, result);
  return new CliError(code, message, { ...(hint !== null && { hint }), details, cause });
}

function lastWords(lines: readonly string[], result: RunResult): string {
  if (result.outcome === 'timeout') return describeEnd(result);
  if (result.outcome === 'not-found') return 'the program is not there';
  return lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? describeEnd(result);
}
