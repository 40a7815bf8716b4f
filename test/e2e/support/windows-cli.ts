import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** Puts its own folder and that of Node on PATH, which under Wine no variable of the caller does. */
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
