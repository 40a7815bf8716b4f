import type { RuntimeKind, ServiceName } from '../../model/service.ts';
import { DATABASE, PROXY } from '../../model/service.ts';

export interface Diagnosis {
  /** Why the service failed, as the end of "litellm failed: …". */
  readonly cause: string;
  readonly fix: string;
}

interface Symptom extends Diagnosis {
  /** Of any service when left out; and so below. */
  readonly service?: ServiceName;
  readonly runtime?: RuntimeKind;
  readonly pattern: RegExp;
}

/** As LiteLLM 1.108.11 and PostgreSQL 16 print them; the first that fits is the cause. */
const SYMPTOMS: readonly Symptom[] = [
  {
    service: PROXY,
    pattern: /password authentication failed for user/,
    cause: 'the database refused its password: the data was made with another one',
    fix: 'put back the .env that belongs to the data, or delete the data: agents-llm down --volumes',
  },
  {
    service: PROXY,
    pattern: /Put it in place of the current LITELLM_MASTER_KEY value|PERMIT_WEAK_OR_UNSET_MASTER_KEY/,
    cause: 'LITELLM_MASTER_KEY is blank or sk-1234',
    fix: 'put back the master key in the .env file of the stack',
  },
  {
    service: PROXY,
    pattern: /FATAL: {2}database "[^"\n]{1,200}" does not exist/,
    cause: 'its database does not exist',
    fix: 'restore the data, or delete it: agents-llm down --volumes',
  },
  {
    service: PROXY,
    pattern: /P1001: Can't reach database server/,
    cause: 'it could not reach its database',
    fix: 'agents-llm logs litellm-db',
  },
  {
    runtime: 'docker',
    pattern: /No space left on device/,
    cause: 'the disk of the engine is full',
    fix: 'make room (docker system df), then: agents-llm up',
  },
  {
    runtime: 'native',
    pattern: /No space left on device/,
    cause: 'the disk is full',
    fix: 'make room (df -h shows where), then: agents-llm up',
  },
  {
    service: DATABASE,
    pattern: /could not (?:create|open|write).{0,400}: (?:Permission denied|Read-only file system)/,
    cause: 'it may not write into its data directory',
    fix: 'give it the right to write there (ls -ld shows whose it is), then: agents-llm up',
  },
  {
    service: DATABASE,
    pattern: /database files are incompatible with server/,
    cause: 'the data was made by another major version of PostgreSQL',
    fix: 'start with the image that made it (--db-image)',
  },
  {
    service: DATABASE,
    pattern: /pre-existing shared memory block .{0,200} is still in use/,
    cause: 'a query of an earlier server still runs on its data',
    fix: 'wait until that has ended (pgrep -a postgres shows it), then: agents-llm up',
  },
];

/** The known cause that a service's last log lines name, or undefined. */
export function diagnose(service: ServiceName, log: string, runtime: RuntimeKind): Diagnosis | undefined {
  const found = SYMPTOMS.find(
    (symptom) =>
      (symptom.service ?? service) === service && (symptom.runtime ?? runtime) === runtime && symptom.pattern.test(log),
  );
  return found && { cause: found.cause, fix: found.fix };
}
