import { describeEnd, type RunResult } from '../../../io/processes/runner.ts';
import { CliError, systemCode } from '../../../model/errors.ts';
import { WASM_FAILURE } from '../prisma/wasm-failure.ts';

interface Cause {
  readonly pattern: RegExp;
  readonly why: string;
  readonly hint: string;
}

const FULL: Cause = {
  pattern: /No space left on device|Errno 28|disk quota|os error 28/i,
  why: 'no space is left on the disk',
  hint: 'Free about 1 GB of space, then install again: agents-llm native install',
};

const CAUSES: readonly Cause[] = [
  FULL,
  {
    pattern: WASM_FAILURE,
    why: 'a file of the agents-llm package is missing or damaged',
    hint: 'Reinstall agents-llm, then continue the installation: agents-llm native install',
  },
  {
    pattern: /DO NOT MATCH THE HASHES|hash mismatch/i,
    why: 'a package does not have the hash that the lock file names',
    hint: `Empty pip's cache: pip cache purge
Then install again: agents-llm native install
If it fails again, the index serves other packages than PyPI, so check its settings: pip config list`,
  },
  {
    pattern: /certificate verify failed|CERTIFICATE_VERIFY_FAILED|invalid peer certificate/i,
    why: 'the certificate of the package index is not trusted',
    hint: `Give installation and gateway your company's certificate authority: agents-llm up --ca FILE
Or set PIP_CERT or SSL_CERT_FILE to the file of trusted certificates, then install again: agents-llm native install`,
  },
  // pip also reports that nothing matches if it could not reach the index.
  {
    pattern:
      /Could not fetch URL|Failed to establish a new connection|Temporary failure in name resolution|Max retries exceeded|Connection refused|Read timed out|Network is unreachable|Name or service not known|nodename nor servname|timed out|connection ended early|ReadTimeout|IncompleteRead|ProxyError|Failed to fetch|error sending request|error reading a body|error decoding response body|dns error/i,
    why: 'the package index cannot be reached',
    hint: 'Check the network and PIP_INDEX_URL, HTTPS_PROXY and PIP_CERT, then install again: agents-llm native install',
  },
  {
    pattern: /from versions: none/i,
    why: 'the package index cannot be reached or does not have a package',
    hint: 'Check the network and PIP_INDEX_URL (pip config list), then install again: agents-llm native install',
  },
  {
    pattern: /No matching distribution found|no version of|not available in|No solution found/i,
    why: 'the package index has no package for this Python or this platform',
    hint: 'Use another Python (--python), or set PIP_INDEX_URL to an index that has all of PyPI',
  },
  {
    pattern: /Permission denied|Errno 13|Read-only file system|Errno 30|not a directory/i,
    why: 'its folder is not writable',
    hint: 'Give yourself write permission, or use another folder: AGENTS_LLM_HOME=/another/folder',
  },
];

/** The error for a failed step, with the cause found in its output; `full` if the output names none but the disk is full. */
export function installError(step: string, result: RunResult, full = false): CliError {
  const text = `${result.stderr}\n${result.stdout}`;
  const cause = CAUSES.find(({ pattern }) => pattern.test(text)) ?? (full ? FULL : undefined);
  const last = text.trim().split('\n').filter(Boolean).slice(-8);
  return new CliError('install_failed', `${step} failed: ${cause?.why ?? lastWords(last, result)}`, {
    hint: cause?.hint ?? 'Continue the installation: agents-llm native install',
    details: { step, exitCode: result.exitCode, log: last },
  });
}

/** Like `installError`, for errors of the file system. */
export function folderError(folder: string, cause: unknown): unknown {
  if (cause instanceof CliError || !(cause instanceof Error) || systemCode(cause) === undefined) return cause;
  const result: RunResult = { outcome: 'exited', exitCode: -1, stdout: '', stderr: cause.message };
  const { code, message, hint, details } = installError(`Writing to ${folder}`, result);
  return new CliError(code, message, { ...(hint !== null && { hint }), details, cause });
}

function lastWords(lines: readonly string[], result: RunResult): string {
  if (result.outcome === 'timeout') return describeEnd(result);
  if (result.outcome === 'not-found') return 'the program was not found';
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1))?.trim() ?? describeEnd(result);
}
