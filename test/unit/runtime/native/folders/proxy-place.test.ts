import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { nativePaths } from '../../../../../src/runtime/native/folders/native-paths.ts';
import { type ProxyPlaceOptions, settleProxyPlace } from '../../../../../src/runtime/native/folders/proxy-place.ts';
import { caught } from '../../../../support/caught.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { type FakeCommand, fakeRunner } from '../../../../support/fake-runner.ts';

const roots = nativePaths({ folder: '/root/demo' }, 0);
const NODE = '/usr/bin/node';
const OPEN = ['/', '/usr', '/usr/bin', '/etc', '/var', '/var/lib', '/var/lib/agents-llm', roots.installs];

function setUp(
  changes: Partial<ProxyPlaceOptions> = {},
  initial: Readonly<Record<string, string>> = {},
  commands: readonly FakeCommand[] = [],
) {
  const files = fakeFiles({ '/etc/passwd': '', [NODE]: 'node', '/root': '', '/root/node': 'node', ...initial });
  const made: string[] = [];
  const given: string[] = [];
  const options: ProxyPlaceOptions = {
    ...{ variables: [], gatewayFiles: '/root/demo/gateway-files' },
    ...{ env: {}, uid: 0, node: NODE, paths: roots, signal: new AbortController().signal },
    runner: fakeRunner(commands),
    files: {
      ...files,
      async makeFolder(path) {
        made.push(path);
      },
      async makeOwnFolder(path) {
        made.push(path);
      },
      async chown(path, { uid }) {
        given.push(`${path} ${uid}`);
      },
    },
    ...changes,
  };
  const settle = async () => {
    for (const path of OPEN) await files.write(path, '', 0o755);
    for (const path of [NODE, '/root/node']) await files.chmod(path, 0o755);
    return settleProxyPlace(options);
  };
  return { settle, files, made, given, options };
}

describe('the folder of the gateway', () => {
  it('uses a folder of an ordinary user, and changes no owner', async () => {
    const paths = nativePaths({ folder: '/home/ann/demo' }, 1000);
    const env = { SSL_CERT_FILE: '/home/ann/ca.pem', TMPDIR: '/home/ann/tmp' };
    const { settle, made, given } = setUp({ uid: 1000, paths, env, node: '/home/ann/node' });
    expect(await settle()).toEqual({
      proxyAs: undefined,
      node: '/home/ann/node',
      env,
      gatewayFiles: '/root/demo/gateway-files',
    });
    expect(made).toEqual([paths.home]);
    expect(given).toEqual([]);
  });

  it('gives the gateway user of root a folder beside the data', async () => {
    const { settle, made, given } = setUp();
    const { proxyAs, node } = await settle();
    expect(proxyAs?.uid).toBeGreaterThan(60_000);
    expect(node).toBe(NODE);
    expect(dirname(dirname(roots.home))).toBe(roots.dataParent);
    expect(made).toContain(dirname(roots.home));
    expect(given).toEqual([`${roots.home} ${proxyAs?.uid}`]);
  });

  it('removes files of a version that ran the gateway as root', async () => {
    const old = ['home/.cache/x', 'migrations/y'].map((name) => join(roots.folder, name));
    const { settle, files } = setUp({}, { [old[0] ?? '']: 'x', [old[1] ?? '']: 'y', [`${roots.folder}/logs/z`]: 'z' });
    await settle();
    expect(old.map((path) => files.all.has(path))).toEqual([false, false]);
    expect(files.all.has(`${roots.folder}/logs/z`)).toBe(true);
  });

  it('replaces a folder that belongs to another user', async () => {
    const { settle, files, given } = setUp({}, { [roots.home]: '', [`${roots.home}/x`]: 'x' });
    const { proxyAs } = await settle();
    expect(files.all.has(`${roots.home}/x`)).toBe(false);
    expect(given).toEqual([`${roots.home} ${proxyAs?.uid}`]);
  });

  it('copies a Node.js that only root can run', async () => {
    const copied = expect.stringMatching(
      /^cp -- \/root\/node \/var\/lib\/agents-llm\/native\/node-[\da-f]{12}\.\S+\.tmp$/,
    );
    const { settle, files, options } = setUp({ node: '/root/node' });
    const lines: string[] = [];
    const runner: ProxyPlaceOptions['runner'] = {
      async run({ file, args }) {
        lines.push([file, ...args].join(' '));
        await files.write(args.at(-1) ?? '', 'node', 0o700);
        return { outcome: 'exited', exitCode: 0, stdout: '', stderr: '' };
      },
    };
    Object.assign(options, { runner });
    const { node } = await settle();
    expect(lines).toEqual([copied]);
    expect(node).toMatch(/^\/var\/lib\/agents-llm\/native\/node-[\da-f]{12}$/);
    expect(files.all.get(node)?.mode).toBe(0o755);
    expect((await settle()).node).toBe(node);
    expect(lines).toHaveLength(1);
  });

  it('reports that it cannot copy a Node.js of root', async () => {
    const { settle, options } = setUp({ node: '/root/node' });
    const run = async () => ({ outcome: 'exited', exitCode: 1, stdout: '', stderr: 'No space left\n' }) as const;
    Object.assign(options, { runner: { run } });
    expect(await caught(settle)).toMatchObject({
      code: 'state_unwritable',
      message: expect.stringMatching(/^Cannot copy \/root\/node to \/var\/lib\/.*: No space left$/),
      hint: 'Install Node where every user can run it, because LiteLLM does not run as root\nOr free space on that disk',
    });
  });

  it('copies certificates that only root can read, and drops the TMPDIR of root', async () => {
    const env = { SSL_CERT_FILE: '/root/ca.pem', REQUESTS_CA_BUNDLE: '/etc/ca.pem', TMPDIR: '/root/tmp', A: '1' };
    const { settle, files } = setUp({ env }, { '/root/ca.pem': 'roots own', '/etc/ca.pem': 'everybodys' });
    await files.chmod('/etc/ca.pem', 0o644);
    const copy = join(dirname(roots.home), 'SSL_CERT_FILE.pem');
    expect((await settle()).env).toEqual({ ...env, TMPDIR: undefined, SSL_CERT_FILE: copy });
    expect(files.all.get(copy)).toEqual({ text: 'roots own', mode: 0o644 });
  });

  it('reports that the system cannot run the gateway as that user', async () => {
    const { settle, options } = setUp();
    const chown = async () => {
      throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
    };
    Object.assign(options.files, { chown });
    expect(await caught(settle)).toMatchObject({
      code: 'native_unsupported',
      message: expect.stringMatching(/^LiteLLM does not run as root, but it cannot run as user id \d{5} either$/),
      hint: 'Run the command as an ordinary user\nOr use Docker: agents-llm up --runtime docker',
      exitCode: EXIT.prerequisite,
    });
  });
});
