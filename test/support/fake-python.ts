import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockText } from './lock-text.ts';
import { type BinResult, ordinaryUser, type Running, startBin } from './run-bin.ts';

export interface FakePythonOptions {
  /** By the name of the program; none: no Python at all. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly hasVenv?: boolean;
  /** What pip says when it installs, and how it ends. */
  readonly pip?: { readonly stderr?: string; readonly code?: number; readonly hangs?: boolean };
}

export interface FakePython {
  /** The built command with these Pythons alone on its PATH; never as root, whose installation belongs to the system. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string): Running;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<BinResult>;
  readonly home: string;
  /** Where `IMAGE` is installed. */
  readonly installed: string;
  /** What the Pythons were called with, a line a call. */
  calls(): string;
  dispose(): void;
}

/** A version that no package of ours has a lock file for. */
export const IMAGE = 'litellm==9.9.9';

/** Pythons on the PATH that answer as real ones would, and install nothing. */
export function fakePython({ versions = {}, hasVenv = true, pip = {} }: FakePythonOptions = {}): FakePython {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-fake-'));
  const [bin, locks, ledger] = [join(folder, 'bin'), join(folder, 'locks'), join(folder, 'calls')];
  for (const path of [bin, locks]) mkdirSync(path);
  for (const version of ['9.9.9', '1.108.11']) writeFileSync(join(locks, `litellm-${version}.txt`), lockText(version));
  for (const [name, version] of Object.entries(versions)) {
    const path = join(bin, name);
    const script = `#!/bin/sh
PATH=/usr/bin:/bin
[ "$1" = -I ] && shift
case "$1 $2" in
  "-c "*) printf '%s\\n' '${path}' '${version}' '${hasVenv ? 'True' : 'False'}' ;;
  "-m venv") echo venv >> '${ledger}'; mkdir -p "$3/bin" && cp '${path}' "$3/bin/python3" ;;
  "-m pip") echo "pip $$" >> '${ledger}'; printf '%s\\n' '${pip.stderr ?? ''}' >&2; ${pip.hangs ? 'exec sleep 600' : `exit ${pip.code ?? 0}`} ;;
  *pip_settings.py*) echo '{}' ;;
  *discard_damaged.py*) ;;
  *) echo "unexpected: $*" >&2; exit 99 ;;
esac
`;
    writeFileSync(path, script);
    chmodSync(path, 0o755);
  }
  if (ordinaryUser) chownSync(folder, ordinaryUser.uid, ordinaryUser.gid);
  const home = join(folder, 'home');
  const env = { HOME: folder, AGENTS_LLM_HOME: home, AGENTS_LLM_NATIVE_LOCKS: locks, PATH: bin };
  const start: FakePython['start'] = (args, more, cwd) =>
    startBin(args, { ...env, ...more }, '', { ...ordinaryUser, ...(cwd && { cwd }) });
  return {
    start,
    run: (args, more) => start(args, more).result,
    home,
    installed: join(home, 'native', '9.9.9'),
    calls: () => (existsSync(ledger) ? readFileSync(ledger, 'utf8') : ''),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
