import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { itUnless } from '../support/skipping.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const HELD_PORT = fileURLToPath(new URL('../support/held-port.js', import.meta.url));
const OWN_NETWORK = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net'];
const withLoopback = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

const noNetwork =
  spawnSync('unshare', [...OWN_NETWORK, ...withLoopback, 'true']).status === 0
    ? undefined
    : 'unshare and ip cannot make a network for a test here';

/** Tests that inspect the machine before they have a stack, by file and part of the name. */
const DELICATE = [
  ['test/cli/doctor.test.ts', 'before the first up'],
  ['test/cli/doctor.test.ts', 'names the project in what it tells to run'],
  ['test/cli/without-docker.test.ts', 'without Docker and without a stack'],
] as const;

/** The state that `npx agents-llm up` creates. */
function defaultStack(home: string): void {
  const folder = join(home, '.local', 'share', 'agents-llm', 'agents-llm');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const state = { schemaVersion: 1, runtime: 'docker', project: 'agents-llm', bind: '127.0.0.1', port: 4000 };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state), { mode: 0o600 });
  const secrets = ['LITELLM_MASTER_KEY=sk-theirs-0123456789', 'LITELLM_SALT_KEY=theirs', 'POSTGRES_PASSWORD=theirs'];
  writeFileSync(join(folder, '.env'), `${secrets.join('\n')}\n`, { mode: 0o600 });
}

// A separate network, so the port does not conflict with other programs.
itUnless(noNetwork)(
  'the tests pass next to a stack on port 4000 with its folder in the home',
  async () => {
    const home = await temporaryFolder();
    defaultStack(home);
    const vitest = [process.execPath, join(CHECKOUT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'cli'];
    const files = [...new Set(DELICATE.map(([file]) => file))];
    const names = ['--testNamePattern', DELICATE.map(([, name]) => name).join('|')];
    const { all, exitCode } = await execa(
      'unshare',
      [
        ...OWN_NETWORK,
        ...withLoopback,
        process.execPath,
        HELD_PORT,
        '4000',
        ...vitest,
        '--reporter=verbose',
        ...names,
        ...files,
      ],
      { all: true, reject: false, cwd: CHECKOUT, env: { HOME: home, NO_COLOR: '1' } },
    );
    for (const [file, name] of DELICATE) expect(all).toMatch(new RegExp(`✓ .*${file} .*${name}`));
    expect(exitCode, all).toBe(0);
  },
  { timeout: 120_000 },
);
