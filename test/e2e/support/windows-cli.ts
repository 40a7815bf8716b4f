import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliResult, Envelope } from './cli.ts';
import { touched } from './leaks.ts';
import { noteStack } from './this-run.ts';

const BIN = fileURLToPath(new URL('../../../bin/agents-llm.js', import.meta.url));

/** The built command under Node for Windows, in the home of a user whose name has a space and an umlaut. */
export interface WindowsCli {
  /** The user's folder on this machine. */
  readonly folder: string;
  /** Another one, which is on PATH. */
  readonly programs: string;
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CliResult>;
  dispose(): void;
}

export interface EngineBridge {
  readonly url: string;
  close(): void;
}

/**
 * This machine's engine by TCP. That of the rig ends a connection half a second after one side has said all: then the
 * answer of `docker exec`, whose stdin is at its end, is lost when it comes later.
 */
export async function bridgeToEngine(): Promise<EngineBridge> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => open.delete(one));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Adds its own folder and that of Node to PATH, because Wine ignores the caller's PATH. */
const PRELOAD = `const { dirname } = require('node:path');
process.env.PATH = [__dirname, dirname(process.execPath), process.env.PATH].join(';');
`;

/** Wine shows this machine's files as drive Z. */
const windowsPath = (path: string) => `Z:${path.replaceAll('/', '\\')}`;

/** `wrapper` runs `node.exe` with its arguments. */
export function createWindowsCli(wrapper: string, project: string): WindowsCli {
  const root = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-'));
  const folder = join(root, 'Jörg Müller');
  const home = join(folder, 'AppData', 'Local', 'agents-llm');
  mkdirSync(folder);
  const preload = join(root, 'path.cjs');
  writeFileSync(preload, PRELOAD);
  touched.roots.add(root);
  touched.stacks.set(join(home, project), project);
  noteStack(project, join(home, project));
  const node = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
    new Promise((resolve) => {
      const options = {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          TMPDIR: root,
          LC_ALL: 'C.UTF-8',
          AGENTS_LLM_HOME: windowsPath(home),
          ...env,
        },
        maxBuffer: 64 * 1024 * 1024,
      };
      const child = execFile(wrapper, args, options, (_error, stdout, stderr) => {
        resolve({
          code: child.exitCode ?? -1,
          stdout,
          stderr,
          get json() {
            return JSON.parse(stdout) as Envelope;
          },
        });
      });
    });
  return {
    folder,
    programs: root,
    run: (args, env) => node(['--require', windowsPath(preload), windowsPath(BIN), '-p', project, ...args], env),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
