import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { touched } from './leaks.ts';
import { noteStack } from './this-run.ts';

const BIN = fileURLToPath(new URL('../../../bin/agents-llm.js', import.meta.url));

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The envelope, when stdout is one. */
  readonly json: Envelope;
}

export interface Envelope {
  readonly command: string;
  readonly ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its command.
  readonly data: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly error: any;
  readonly warnings: readonly string[];
}

export interface Cli {
  /** `$AGENTS_LLM_HOME`. */
  readonly home: string;
  /** `input` is its stdin. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv, cwd?: string, input?: string): Promise<CliResult>;
  /** Node itself in the same environment, for a program that uses the library. */
  node(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CliResult>;
  /** Starts it and gives the child, for signals; `result` resolves when it ends. */
  start(
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
    cwd?: string,
    input?: string,
  ): { readonly child: ChildProcess; readonly result: Promise<CliResult> };
  /** The argv of every docker call and all output so far: what must hold no secret. */
  everythingSeen(): string;
  secretsOf(project: string): Record<string, string>;
  dispose(): void;
}

/** The runtime it is to use, and whose rights it gets. */
interface CliPlace {
  readonly runtime: 'docker' | 'native';
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A command that every user can run, so other users can use root's installation. */
const SYSTEM_PYTHON = existsSync('/usr/bin/python3') ? { AGENTS_LLM_PYTHON: '/usr/bin/python3' } : {};

/** The built command with a home of its own, and a `docker` that notes its argv before it becomes the real one. */
export function createCli({ runtime, user }: CliPlace, extraPath: readonly string[] = []): Cli {
  const root = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-'));
  const home = join(root, 'home');
  const ledger = join(root, 'ledger');
  const shims = join(root, 'bin');
  const temporary = join(root, 'tmp');
  mkdirSync(shims);
  mkdirSync(temporary);
  touched.roots.add(root);
  writeFileSync(ledger, '');
  if (runtime === 'docker') {
    const docker = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
    const shim = `#!/bin/sh\nprintf '%s\\n' "docker $*" >> '${ledger}'\nexec '${docker}' "$@"\n`;
    writeFileSync(join(shims, 'docker'), shim, { mode: 0o755 });
  }
  if (user) for (const path of [root, ledger, temporary]) chownSync(path, user.uid, user.gid);

  const start: Cli['start'] = (args, env = {}, cwd = undefined, input = undefined) => {
    // The default project may be a real stack on this machine, so no test starts it.
    const project = args.includes('-p') ? args[args.indexOf('-p') + 1] : undefined;
    if (project !== undefined) {
      if (!touched.stacks.has(join(home, project))) noteStack(project, join(home, project));
      touched.stacks.set(join(home, project), project);
    }
    return startNode([BIN, ...args], env, cwd, input);
  };
  const startNode: Cli['start'] = (args, env = {}, cwd = undefined, input = undefined) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: {
        PATH: [shims, ...extraPath, process.env.PATH].join(':'),
        HOME: root,
        TMPDIR: temporary,
        AGENTS_LLM_HOME: home,
        AGENTS_LLM_RUNTIME: runtime,
        ...SYSTEM_PYTHON,
        // Trusts the files that the tests write; untrusted files have their own tests.
        AGENTS_LLM_TRUST: '1',
        // Includes the output of --debug in the search for secrets.
        AGENTS_LLM_DEBUG: '1',
        ...(process.env.DOCKER_HOST ? { DOCKER_HOST: process.env.DOCKER_HOST } : {}),
        // Names another Compose.
        ...(process.env.DOCKER_CONFIG ? { DOCKER_CONFIG: process.env.DOCKER_CONFIG } : {}),
        ...env,
      },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...user,
    });
    child.stdin?.end(input);
    const result = new Promise<CliResult>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        appendFileSync(ledger, `${stdout}\n${stderr}\n`);
        resolve({
          code: code ?? (signal === 'SIGKILL' ? 137 : -1),
          stdout,
          stderr,
          get json() {
            return JSON.parse(stdout) as Envelope;
          },
        });
      });
    });
    return { child, result };
  };

  return {
    home,
    start,
    run: (args, env, cwd, input) => start(args, env, cwd, input).result,
    node: (args, env) => startNode(args, env).result,
    everythingSeen: () => readFileSync(ledger, 'utf8'),
    secretsOf: (project) =>
      Object.fromEntries(
        readFileSync(join(home, project, '.env'), 'utf8')
          .split('\n')
          .filter((line) => line.includes('=') && !line.startsWith('#'))
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ),
    dispose() {
      touched.files.push(...readdirSync(temporary).filter((name) => name.startsWith('agents-llm-')));
      rmSync(root, { recursive: true, force: true });
    },
  };
}
