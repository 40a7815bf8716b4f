import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import type { Runner } from '../../../io/processes/runner.ts';
import { CliError, systemCode } from '../../../model/errors.ts';
import { environmentFiles, type GatewayVariable } from '../../../model/gateway-environment.ts';
import { writeGatewayFiles } from '../../gateway-variables.ts';
import { proxyUser, type UserIds } from '../proxy-user.ts';
import type { NativePaths } from './native-paths.ts';
import { isOpenToAll } from './open-to-all.ts';
import { makeSharedFolder } from './shared-folder.ts';

export interface ProxyPlaceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number | undefined;
  readonly node: string;
  readonly paths: NativePaths;
  readonly variables: readonly GatewayVariable[];
  readonly gatewayFiles: string;
  readonly files: Files;
  readonly runner: Runner;
  readonly signal: AbortSignal;
}

/** The gateway's user, and the paths that this user can read. */
export interface ProxyPlace {
  /** The user of the gateway and its query engine; only defined for root. */
  readonly proxyAs: UserIds | undefined;
  /** A Node that both can run. */
  readonly node: string;
  /** The user's environment, with files that both can read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder with the files that variables of the gateway name. */
  readonly gatewayFiles: string;
}

const CERTIFICATES = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'] as const;
/** For a hundred megabytes on a slow disk. */
const COPY_MS = 120_000;

/** Creates the gateway's home, and copies what it needs to where its user can read it, because it cannot enter root's own folders. */
export async function settleProxyPlace(options: ProxyPlaceOptions): Promise<ProxyPlace> {
  const { paths, files, env, uid } = options;
  const proxyAs = await proxyUser(options, uid);
  if (!proxyAs) {
    await files.makeOwnFolder(paths.home);
    await writeGatewayFiles(files, options.gatewayFiles, options.variables);
    return { proxyAs, node: options.node, env, gatewayFiles: options.gatewayFiles };
  }
  const folder = dirname(paths.home);
  await makeSharedFolder(folder, 0o711, files);
  await makeHome(paths.home, proxyAs, files);
  // Caches of a version that ran the gateway as root.
  for (const old of ['home', 'migrations']) await files.remove(join(paths.folder, old));
  return {
    proxyAs,
    node: await settleNode(options),
    // The gateway's user may have no access to root's folder for temporary files.
    env: { ...env, TMPDIR: undefined, ...(await copyCertificates(env, folder, files)) },
    gatewayFiles: await ownGatewayFiles(join(folder, 'gateway-files'), proxyAs, options),
  };
}

/** Only readable by its user, because the files may be secret. */
async function ownGatewayFiles(
  folder: string,
  user: UserIds,
  { variables, files }: ProxyPlaceOptions,
): Promise<string> {
  await files.remove(folder);
  if (environmentFiles(variables).size === 0) return folder;
  await files.makeFolder(folder, 0o700);
  await writeGatewayFiles(files, folder, variables);
  await files.chown(folder, user);
  return folder;
}

/** Root changes nothing inside the folder, where the user could place a link. */
async function makeHome(home: string, user: UserIds, files: Files): Promise<void> {
  const owner = await files.owner(home);
  if (owner === user.uid) return;
  if (owner !== undefined) await files.remove(home);
  await files.makeFolder(home);
  try {
    await files.chown(home, user);
  } catch (cause) {
    const system = systemCode(cause);
    throw new CliError(
      'native_unsupported',
      `LiteLLM does not run as root, but it cannot run as user id ${user.uid} either`,
      {
        hint: 'Run the command as an ordinary user\nOr use Docker: agents-llm up --runtime docker',
        details: { path: home, uid: user.uid, system },
        cause,
      },
    );
  }
}

/** Copies Node if only root can run it, such as one of a version manager in root's home. */
async function settleNode({ node, paths, files, runner, signal }: ProxyPlaceOptions): Promise<string> {
  if (await isOpenToAll(node, files)) return node;
  const size = await files.size(node);
  const hash = createHash('sha256').update(`${node} ${size}`).digest('hex').slice(0, 12);
  const target = join(paths.installs, `node-${hash}`);
  if ((await files.size(target)) === size && (await isOpenToAll(target, files))) return target;
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  const copied = await runner.run(
    { file: 'cp', args: ['--', node, temporary] },
    { env: { PATH: '/usr/bin:/bin' }, signal, timeoutMs: COPY_MS },
  );
  if (copied.exitCode !== 0) {
    await files.remove(temporary);
    throw new CliError('state_unwritable', `Cannot copy ${node} to ${target}: ${copied.stderr.trim()}`, {
      hint: 'Install Node where every user can run it, because LiteLLM does not run as root\nOr free space on that disk',
      details: { path: target, node },
    });
  }
  await files.chmod(temporary, 0o755);
  await files.rename(temporary, target);
  return target;
}

async function copyCertificates(env: ProxyPlaceOptions['env'], folder: string, files: Files) {
  const copies: Record<string, string> = {};
  for (const name of CERTIFICATES) {
    const path = env[name];
    if (!path || (await isOpenToAll(path, files))) continue;
    const text = await files.read(path).catch(() => undefined);
    if (text === undefined) continue;
    copies[name] = join(folder, `${name}.pem`);
    await files.write(copies[name], text, 0o644);
  }
  return copies;
}
