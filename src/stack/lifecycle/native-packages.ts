import { dirname, join } from 'node:path';
import type { Task } from '../../context/invocation.ts';
import { requireTrustedImage } from '../../litellm/releases/trusted-image.ts';
import { CliError } from '../../model/errors.ts';
import { projectPaths } from '../../model/paths.ts';
import type { Outcome } from '../../model/report.ts';
import { guardWrite } from '../../project/project-folder.ts';
import { withLockFile } from '../../project/with-lock.ts';
import { nativePaths } from '../../runtime/native/folders/native-paths.ts';
import { findInstalled, install, installLock } from '../../runtime/native/install/install.ts';
import { lockedRelease } from '../../runtime/native/install/locked-release.ts';
import { findInstaller } from '../../runtime/native/install/python.ts';
import { requireUsableSystem } from '../../runtime/native/native-preflight.ts';
import { runningDatabases } from '../../runtime/native/postgres/postmaster-pid.ts';
import { lockFolders, nativeOptions, runtimeOf } from '../open/choose-runtime.ts';

export interface NativeInstallFlags {
  readonly python?: string;
  readonly image: string;
  readonly force?: boolean;
}

export interface NativeData {
  readonly folder: string;
  readonly change: 'installed' | 'unchanged' | 'removed';
}

export async function runNativeInstall(
  { python, image, force }: NativeInstallFlags,
  invocation: Task,
): Promise<Outcome<NativeData>> {
  const { context, settings, progress } = invocation;
  const { files } = context;
  const warnings = requireTrustedImage(image, { installed: true });
  const release = await lockedRelease(image, lockFolders(context), files);
  const paths = nativePaths(settings.paths, context.uid);
  const { machine, ...given } = nativeOptions(invocation, python);
  const options = { ...machine, ...given, paths };
  requireUsableSystem(options);
  const before = force ? undefined : await findInstalled(release, options);
  if (before) return { data: { folder: before.folder, change: 'unchanged' }, warnings };
  // Before anything is removed.
  await findInstaller(python, options);
  if (force) {
    await requireUnused(invocation, 'Stop them first (agents-llm down), then reinstall');
    await removeInstalled(invocation, release.version);
  }
  const { folder } = await install(release, progress, options);
  return { data: { folder, change: 'installed' }, warnings };
}

export async function runNativeUninstall(
  { force }: { readonly force?: boolean },
  invocation: Task,
): Promise<Outcome<NativeData>> {
  const { context, settings } = invocation;
  const { files } = context;
  const { installs: folder } = nativePaths(settings.paths, context.uid);
  if ((await files.owner(folder)) === undefined) return { data: { folder, change: 'unchanged' } };
  if (!force) await requireUnused(invocation, 'Stop them first (agents-llm down), or add --force');
  invocation.progress.phase('Removing installed packages');
  for (const name of await files.list(folder)) {
    if (/^\d+\.\d+\.\d+$/.test(name)) await removeInstalled(invocation, name);
  }
  await guardWrite(folder, () => files.remove(folder));
  return { data: { folder, change: 'removed' } };
}

/** Waits for a running installation of that version. */
async function removeInstalled(invocation: Task, version: string): Promise<void> {
  const { context, settings } = invocation;
  const { installs } = nativePaths(settings.paths, context.uid);
  const folder = join(installs, version);
  if ((await context.files.owner(folder)) === undefined) return;
  await withLockFile(invocation, installLock(installs, version), 'native uninstall', () =>
    guardWrite(folder, () => context.files.remove(folder)),
  );
}

/** Asks the projects of this $AGENTS_LLM_HOME and, for root, whose homes share the installation, the running databases. */
async function requireUnused(invocation: Task, hint: string): Promise<void> {
  const { context, settings } = invocation;
  const home = dirname(settings.paths.folder);
  const using: string[] = [];
  for (const project of await context.files.list(home)) {
    const theirs = { ...invocation, settings: { ...settings, project, paths: projectPaths(home, project) } };
    const services = await runtimeOf(theirs, 'native').services();
    if (services.some(({ status }) => status !== 'exited')) using.push(project);
  }
  if (using.length === 0 && context.uid === 0) {
    const { dataParent } = nativePaths(settings.paths, context.uid);
    using.push(...(await runningDatabases(dirname(dataParent), context.files, context.processes)));
  }
  if (using.length === 0) return;
  throw new CliError('confirmation_needed', `The native runtime is in use by: ${using.join(', ')}`, {
    hint,
    details: { projects: using },
  });
}
