import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const project = fileURLToPath(new URL('../../', import.meta.url));

const program = `declare const __AGENTS_LLM_VERSION__: string;
export const systemContext = () => ({});
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'late') {
    process.stdout.write('waiting\\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    process.stdin.destroy();
    const { answer } = await import('./answer.ts');
    process.stdout.write(\`\${answer}\\n\`);
  } else process.stdout.write(\`\${__AGENTS_LLM_VERSION__}\\n\`);
  return argv[0] === 'fail' ? 7 : 0;
}
`;

interface NpmCall {
  readonly args: string;
  readonly cwd: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
}

interface FakeNpm {
  readonly delayMs?: number;
  readonly failure?: string;
}

interface Call {
  readonly bin?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A fresh clone of this project with a small program in `src/`, and a fake npm on its PATH. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'agents-llm-checkout-'));
  readonly root = join(this.folder, 'clone');
  npm: FakeNpm = {};

  constructor() {
    for (const name of ['bin', 'scripts', 'package.json', 'package-lock.json']) {
      cpSync(join(project, name), join(this.root, name), { recursive: true });
    }
    this.write('src/main.ts', program);
    this.write('src/answer.ts', "export const answer = 'the first build';\n");
    mkdirSync(join(this.folder, 'bin'));
    symlinkSync(join(project, 'test/support/fake-npm.js'), join(this.folder, 'bin/npm'));
    symlinkSync(process.execPath, join(this.folder, 'bin/node'));
  }

  run(args: readonly string[], { bin = this.path('bin/agents-llm.js'), cwd = this.root, env = {} }: Call = {}) {
    return execa(process.execPath, [bin, ...args], {
      cwd,
      env: { PATH: join(this.folder, 'bin'), FAKE_NPM: this.fakeNpm(), ...env },
      extendEnv: false,
      reject: false,
    });
  }

  npmCalls(): NpmCall[] {
    if (!existsSync(this.callsFile)) return [];
    // The last one may be incomplete.
    const lines = readFileSync(this.callsFile, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as NpmCall);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get callsFile(): string {
    return join(this.folder, 'npm-calls');
  }

  private fakeNpm(): string {
    return JSON.stringify({ calls: this.callsFile, packages: join(project, 'node_modules'), ...this.npm });
  }
}
