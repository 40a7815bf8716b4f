import { homedir, totalmem } from 'node:os';
import { type Clock, systemClock } from '../io/clock.ts';
import type { AccessLists } from '../io/files/access-lists.ts';
import { systemAccounts } from '../io/files/accounts.ts';
import { type Files, filesAs, systemFiles } from '../io/files/files.ts';
import { isBuiltForMusl } from '../io/libc.ts';
import type { Http } from '../io/network/http.ts';
import type { Ports } from '../io/network/ports.ts';
import type { Daemons } from '../io/processes/daemons.ts';
import type { Kill } from '../io/processes/process-group.ts';
import { type Processes, systemProcesses } from '../io/processes/processes.ts';
import { type Runner, systemRunner } from '../io/processes/runner.ts';
import {
  identityOnWindows,
  killOnWindows,
  startTimeByPowerShell,
  taskkill,
} from '../io/processes/windows-processes.ts';
import { programOnWindows } from '../io/processes/windows-program.ts';
import { retryOnWindows } from '../io/processes/windows-runner.ts';
import type { Browser } from '../io/terminal/browser.ts';
import { type Interrupts, listenForInterrupts } from '../io/terminal/interrupts.ts';
import { outputTo, type Streams } from '../io/terminal/streams.ts';
import type { ExitCode } from '../model/errors.ts';
import { shownText } from '../text/shown-text.ts';

/** Everything that a command may touch outside itself. Built once, here: no other file reads `process`. */
export interface Context extends Interrupts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  /** Undefined where there are no user ids (Windows). */
  readonly uid: number | undefined;
  readonly home: string;
  readonly cwd: string;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly files: Files;
  /** On Windows alone. */
  readonly accessLists?: AccessLists;
  readonly runner: Runner;
  readonly http: Http;
  readonly ports: Ports;
  readonly processes: Processes;
  readonly daemons: Daemons;
  readonly browser: Browser;
  /** This Node's own path. */
  readonly node: string;
  /** This Node's own version, such as `20.19.0`. */
  readonly nodeVersion: string;
  /** Bytes of memory that programs may use here, by the machine's size or a limit of its own (cgroup). */
  readonly memory: () => number;
  /** Whether this Node was built for musl. */
  readonly isMusl: () => boolean;
  readonly randomBytes: (size: number) => Buffer;
  /** Starts one of the user's programs with the user's umask. Ours is stricter: others cannot write to what we create. */
  readonly withUserUmask: <Result>(start: () => Result) => Result;
}

export function systemContext(): Context {
  return {
    env: process.env,
    platform: process.platform,
    pid: process.pid,
    uid: process.getuid?.(),
    home: homedir(),
    cwd: process.cwd(),
    streams: { stdout: outputTo(process.stdout), stderr: outputTo(process.stderr), stdin: process.stdin },
    clock: systemClock,
    files: ownFiles(),
    ...(process.platform === 'win32' && { accessLists: lazyAccessLists }),
    runner: ownRunner(),
    http: lazyHttp(),
    ports: lazyPorts,
    processes: ownProcesses(),
    daemons: lazyDaemons,
    browser: lazyBrowser,
    node: process.execPath,
    nodeVersion: process.versions.node,
    memory: usableMemory,
    isMusl: () => isBuiltForMusl(process.platform, () => process.report.getReport()),
    randomBytes,
    withUserUmask: tightenUmask(),
    ...listenForInterrupts(process),
  };
}

/** What the library may touch. It listens to no signal: those belong to the program that uses it. */
export type LibraryContext = Pick<
  Context,
  | 'pid'
  | 'uid'
  | 'platform'
  | 'home'
  | 'cwd'
  | 'clock'
  | 'files'
  | 'http'
  | 'runner'
  | 'ports'
  | 'processes'
  | 'randomBytes'
> & {
  readonly env: Record<string, string | undefined>;
};

export function libraryContext(): LibraryContext {
  return {
    env: process.env,
    pid: process.pid,
    uid: process.getuid?.(),
    platform: process.platform,
    home: homedir(),
    cwd: process.cwd(),
    clock: systemClock,
    files: ownFiles(),
    http: lazyHttp(),
    runner: ownRunner(),
    ports: lazyPorts,
    processes: ownProcesses(),
    randomBytes,
  };
}

const randomBytes = (size: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(size)));

function ownKill(): Kill {
  const kill = process.kill.bind(process);
  return process.platform === 'win32' ? killOnWindows(kill, taskkill(process.env)) : kill;
}

function ownRunner(): Runner {
  if (process.platform !== 'win32') return systemRunner(systemClock, ownKill());
  return retryOnWindows(systemRunner(systemClock, ownKill(), programOnWindows), systemClock);
}

function ownProcesses(): Processes {
  const kill = ownKill();
  return process.platform === 'win32'
    ? systemProcesses(kill, (pid) => identityOnWindows(pid, kill, startTimeByPowerShell(process.env)))
    : systemProcesses(kill);
}

/** Tightens the umask for everything that we create and start, because under 000 everybody could write to it. */
function tightenUmask(): Context['withUserUmask'] {
  const users = process.umask(0o022);
  const ours = users | 0o022;
  process.umask(ours);
  return (start) => {
    process.umask(users);
    try {
      return start();
    } finally {
      process.umask(ours);
    }
  };
}

/** Without user ids (Windows) the owner of a folder cannot be checked. */
function ownFiles(): Files {
  const uid = process.getuid?.();
  if (uid === undefined) return systemFiles;
  return filesAs({ uid, accounts: systemAccounts(process.platform), isCi: process.env.CI === 'true' });
}

/** If a preload throws, the process ends with this text instead of Node's stack trace. */
export function explainFailedPreload(text: string, exitCode: ExitCode): void {
  process.once('uncaughtException', () => {
    process.stderr.write(shownText(text));
    process.exitCode = exitCode;
  });
}

/** Loaded at the first call, because Node's `http`, `net` and `crypto` would add a fifth to the time of `--help`. */
function lazyHttp(): Http {
  let loaded: Promise<Http> | undefined;
  return {
    async send(request) {
      loaded ??= import('../io/network/http.ts').then(({ systemHttp }) => systemHttp());
      return (await loaded).send(request);
    },
  };
}

const ownAccessLists = async () => (await import('../io/files/access-lists.ts')).windowsAccessLists(process.env);

const lazyAccessLists: AccessLists = {
  close: async (folder) => (await ownAccessLists()).close(folder),
  open: async (paths) => (await ownAccessLists()).open(paths),
};

const lazyPorts: Ports = {
  probe: async (bind, port) => (await import('../io/network/ports.ts')).systemPorts.probe(bind, port),
  findFree: async () => (await import('../io/network/ports.ts')).systemPorts.findFree(),
};

const lazyDaemons: Daemons = {
  start: async (command, daemon) => (await import('../io/processes/daemons.ts')).systemDaemons.start(command, daemon),
};

const lazyBrowser: Browser = {
  open: async (url) => (await import('../io/terminal/browser.ts')).systemBrowser(systemClock).open(url),
};

function usableMemory(): number {
  const [limit, total] = [process.constrainedMemory(), totalmem()];
  return limit > 0 ? Math.min(limit, total) : total;
}
