import type { RuntimeKind, ServiceName } from '../../model/service.ts';
import { DATABASE, PROXY } from '../../model/service.ts';
import { WASM_FAILURE } from '../../runtime/native/prisma/wasm-failure.ts';

export interface Diagnosis {
  /** Why the service failed, as the end of "litellm failed: …". */
  readonly cause: string;
  readonly fix: string;
}

interface Symptom extends Diagnosis {
  /** Any service when left out, and any runtime. */
  readonly service?: ServiceName;
  readonly runtime?: RuntimeKind;
  readonly pattern: RegExp;
}

const UNDO_MIGRATION =
  'See which one and why: agents-llm logs litellm\nOr return to the data of the last backup: agents-llm restore latest';

/** As LiteLLM 1.108.11 and PostgreSQL 16 print them; the first that fits is the cause. */
const SYMPTOMS: readonly Symptom[] = [
  {
    service: PROXY,
    pattern: /password authentication failed for user/,
    cause: 'the database rejected its password, because the data was created with another one',
    fix: 'Restore the .env file that belongs to the data\nOr delete the data: agents-llm down --volumes',
  },
  {
    service: PROXY,
    pattern: /Put it in place of the current LITELLM_MASTER_KEY value|PERMIT_WEAK_OR_UNSET_MASTER_KEY/,
    cause: 'LITELLM_MASTER_KEY is blank or sk-1234',
    fix: 'Restore the master key in the .env file of the stack',
  },
  {
    service: PROXY,
    pattern: /FATAL: {2}database "[^"\n]{1,200}" does not exist/,
    cause: 'its database does not exist',
    fix: 'Restore a backup: agents-llm restore latest\nOr delete the data: agents-llm down --volumes',
  },
  {
    service: PROXY,
    runtime: 'docker',
    pattern: /failed to resolve host '|Temporary failure in name resolution/,
    cause: "the name of its database cannot be resolved, because the engine's network has no DNS server",
    fix: 'Under Podman, install its DNS server (package aardvark-dns)\nStart the stack again: agents-llm down && agents-llm up',
  },
  {
    service: PROXY,
    runtime: 'native',
    pattern: WASM_FAILURE,
    cause: 'a file of its query engine is missing or damaged',
    fix: 'Restart the stack, which replaces the file: agents-llm restart\nIf it fails again, reinstall agents-llm',
  },
  {
    service: PROXY,
    pattern: /P1001: Can't reach database server/,
    cause: 'it cannot reach its database',
    fix: 'See the log of the database: agents-llm logs litellm-db',
  },
  {
    runtime: 'docker',
    pattern: /No space left on device/,
    cause: 'the disk of the Docker engine is full',
    fix: 'Free some disk space (docker system df shows what uses it), then run: agents-llm up',
  },
  {
    runtime: 'native',
    pattern: /No space left on device/,
    cause: 'the disk is full',
    fix: 'Free some disk space (df -h shows where), then run: agents-llm up',
  },
  {
    service: DATABASE,
    pattern: /could not (?:create|open|write).{0,400}: (?:Permission denied|Read-only file system)/,
    cause: 'it has no permission to write to its data directory',
    fix: 'Give it permission to write there (ls -ld shows the owner), then run: agents-llm up',
  },
  {
    service: DATABASE,
    pattern: /database files are incompatible with server/,
    cause: 'the data was created by another major version of PostgreSQL',
    fix: 'Use the image that created the data: agents-llm up --db-image IMAGE',
  },
  {
    service: DATABASE,
    pattern: /pre-existing shared memory block .{0,200} is still in use/,
    cause: 'a query of an earlier server still uses its data',
    fix: 'Wait until that query has ended (pgrep -a postgres shows it), then run: agents-llm up',
  },
  {
    service: PROXY,
    pattern: /Timed out trying to acquire a postgres advisory lock/,
    cause: 'another program holds the lock that migrations of the database need',
    fix: 'Stop the other LiteLLM that uses this database, then run: agents-llm up',
  },
  {
    service: PROXY,
    pattern: /\bP3018\b/,
    cause: 'a migration of its database failed',
    fix: UNDO_MIGRATION,
  },
  {
    service: PROXY,
    pattern: /\bP3009\b/,
    cause: 'a migration of its database failed earlier, and no other is applied until that is settled',
    fix: UNDO_MIGRATION,
  },
];

/** The known cause that a service's last log lines name, or undefined. */
export function diagnose(service: ServiceName, log: string, runtime: RuntimeKind): Diagnosis | undefined {
  const found = SYMPTOMS.find(
    (symptom) =>
      (symptom.service ?? service) === service && (symptom.runtime ?? runtime) === runtime && symptom.pattern.test(log),
  );
  if (found) return { cause: found.cause, fix: found.fix };
  return service === PROXY ? ofTraceback(log) : undefined;
}

/** The last line of a traceback. */
const ERROR_LINE = /^(?:[A-Za-z_]\w{0,60}\.){0,5}[A-Z]\w{0,60}(?:Error|Exception)(?:: .{0,300})?$/gm;
const CAUSED = 'direct cause of the following exception';

/** Python that LiteLLM's own configuration names and that cannot be loaded, with what went wrong in it. */
function ofTraceback(log: string): Diagnosis | undefined {
  const errors = [...log.matchAll(ERROR_LINE)];
  const at = errors.findLastIndex(([text]) => text.includes('Could not import '));
  const [result, first] = [errors[at], errors[at - 1]];
  if (!result) return ofStartup(log, errors.at(-1));
  const isCause = first && log.slice(first.index, result.index).includes(CAUSED);
  const what = result[0].replace(/^\w+: Could/, 'could').replace(/^could not import (.*)$/, 'cannot load $1');
  return {
    cause: `it ${what}${isCause ? `: ${first[0]}` : ''}`,
    fix: "Correct the Python that LiteLLM's own configuration names, then run: agents-llm up\nOr start without it: agents-llm up --no-apply --litellm-config off",
  };
}

const STARTUP_FAILED = 'Application startup failed. Exiting.';
const MISSING_PACKAGE = /No module named '([\w.]{1,100})'/;

/** What ended the start, such as a setting of LiteLLM's own configuration that it does not accept. */
function ofStartup(log: string, last: RegExpExecArray | undefined): Diagnosis | undefined {
  if (!last || log.indexOf(STARTUP_FAILED, last.index) < 0) return undefined;
  const [, missing] = MISSING_PACKAGE.exec(last[0]) ?? [];
  if (missing === undefined)
    return { cause: `its start ended with ${last[0].replace(/\.$/, '')}`, fix: 'See its log: agents-llm logs litellm' };
  const [, callback] = /Could not build the '(\w{1,50})' callback/.exec(last[0]) ?? [];
  return {
    cause: `the Python package ${missing}${callback === undefined ? '' : `, which the callback ${callback} needs,`} is not installed`,
    fix: "Remove what needs it from LiteLLM's own configuration, then run: agents-llm up",
  };
}
