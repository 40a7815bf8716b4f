import { describeEnd, type RunResult } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';
import { redactor, Secret } from '../../../model/secret.ts';
import { portsOf, type StackSpec } from '../../../model/stack-spec.ts';
import { type EngineAddress, engineTrouble, lastLine } from '../engine/engine-error.ts';

export interface ComposeFailure extends EngineAddress {
  /** `up`, `stop` or `down`. */
  readonly action: string;
  readonly spec?: StackSpec;
  /** The text of the file with the secrets, which are redacted. */
  readonly secrets: string | undefined;
}

const PORT =
  /address already in use|port is already allocated|Ports are not available|forbidden by its access permissions/;
const NO_IMAGE = /no such image: ([^\s:]\S*?)(?=: No such image|[\s,]|$)/i;
const NAME_TAKEN = /container name "\/?([^"]+)" is already in use/;
const DEPENDENCY = /dependency failed to start: container (\S+) (is unhealthy|exited \(\d+\))/;
const BROKEN_FILE = /failed to read (.{1,400}?): line (\d+)/;
const LAST_LINES = 20;

/** Whether two simultaneous `up` left two networks with one name; `up` fails until both are removed (docker/compose#10696). */
export function isAmbiguousNetwork({ exitCode, stderr }: RunResult): boolean {
  return exitCode !== 0 && /network \S+ is ambiguous/.test(stderr);
}

/**
 * The unfinished container of an interrupted recreation: Compose first creates the new one as `<id of the old one>_<name>`, on
 * which each later `up` fails.
 */
export function unfinishedContainer({ exitCode, stderr }: RunResult, project: string): string | undefined {
  const name = NAME_TAKEN.exec(stderr)?.[1] ?? '';
  return exitCode !== 0 && /^[0-9a-f]{12}_/.test(name) && name.slice(13).startsWith(`${project}-`) ? name : undefined;
}

const RACED =
  /No such container: |removal of container \S+ is already in progress|is marked for removal and cannot be started|network \S+ not found/;

/** Whether another Compose changed the containers meanwhile: the Compose of a killed command may still be running. */
export function isRaced({ exitCode, stderr }: RunResult, project: string): boolean {
  const taken = NAME_TAKEN.exec(stderr)?.[1];
  return exitCode !== 0 && (RACED.test(stderr) || (taken?.startsWith(`${project}-`) ?? false));
}

/** Recognises the cause by Compose's output, because its exit code does not tell. */
export function composeError(result: RunResult, failure: ComposeFailure): CliError {
  const stderr = redactor(secretsIn(failure.secrets ?? ''))(result.stderr);
  return (
    portTaken(stderr, failure) ??
    engineTrouble(stderr, failure) ??
    brokenFile(stderr) ??
    serviceFailed(stderr) ??
    nameTaken(stderr) ??
    imageMissing(stderr) ??
    diskFull(stderr) ??
    unclassified(stderr, result, failure)
  );
}

/** Compose prints values of a file that it cannot read, so each value of the file is redacted. */
function secretsIn(text: string): Secret[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const value = line.slice(line.indexOf('=') + 1).trim();
    return [value, value.replace(/^["']|["']$/g, ''), value.replace(/^["']/, '')].map((part) => new Secret(part));
  });
}

function portTaken(stderr: string, { spec }: ComposeFailure): CliError | undefined {
  if (!spec || !PORT.test(stderr)) return undefined;
  const wanted = portsOf(spec);
  const named = wanted.find(({ port }) => new RegExp(`:${port}\\b`).test(stderr)) ?? wanted[0];
  const { bind, port, flag } = named ?? { ...spec, flag: '--port' };
  return new CliError('port_taken', `Port ${port} on ${bind} is already in use`, {
    hint: `Stop the program that uses it\nOr use another port: agents-llm up ${flag} ${port + 1}`,
    details: { bind, port },
  });
}

function brokenFile(stderr: string): CliError | undefined {
  const match = BROKEN_FILE.exec(stderr);
  if (!match) return undefined;
  return new CliError(
    'secrets_invalid',
    `Compose cannot read ${match[1]}: there is an error at or before line ${match[2]}`,
    {
      hint: 'Write each line as NAME=value, using only letters, digits and _.:/@+=-',
      details: { file: match[1], line: Number(match[2]) },
    },
  );
}

function serviceFailed(stderr: string): CliError | undefined {
  const match = DEPENDENCY.exec(stderr);
  if (!match) return undefined;
  return new CliError('service_failed', `The database did not start: container ${match[1]} ${match[2]}`, {
    hint: 'See its log: agents-llm logs litellm-db',
    details: { container: match[1] },
  });
}

function nameTaken(stderr: string): CliError | undefined {
  const name = NAME_TAKEN.exec(stderr)?.[1];
  if (name === undefined) return undefined;
  return new CliError('compose_failed', `The container name ${name} is already in use`, {
    hint: `If you do not need that container, remove it: docker rm -f ${name}`,
    details: { container: name },
  });
}

function imageMissing(stderr: string): CliError | undefined {
  const image = NO_IMAGE.exec(stderr)?.[1];
  if (image === undefined) return undefined;
  return new CliError('image_missing', `Image ${image} not found on this machine`, {
    hint: 'Download it: agents-llm up --pull missing',
    details: { image },
  });
}

function diskFull(stderr: string): CliError | undefined {
  if (!/no space left on device/.test(stderr)) return undefined;
  return new CliError('compose_failed', 'The Docker engine has no disk space left', {
    hint: 'See what uses it: docker system df',
  });
}

function unclassified(stderr: string, result: RunResult, { action }: ComposeFailure): CliError {
  const reason = result.outcome === 'timeout' ? describeEnd(result) : lastLine(stderr) || describeEnd(result);
  return new CliError('compose_failed', `docker compose ${action} failed: ${reason}`, {
    hint: 'See what the services logged: agents-llm logs',
    details: { exitCode: result.exitCode, stderr: stderr.trim().split('\n').slice(-LAST_LINES) },
  });
}
