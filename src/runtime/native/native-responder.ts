import type { Files } from '../../io/files/files.ts';
import type { Processes } from '../../io/processes/processes.ts';
import type { ProjectPaths } from '../../model/paths.ts';
import { PROXY } from '../../model/service.ts';
import type { FindResponder } from '../responder.ts';
import { nativePaths } from './folders/native-paths.ts';
import { livenessOf, readRecord } from './supervisor/service-record.ts';

export interface NativeResponderOptions {
  readonly uid: number | undefined;
  readonly files: Pick<Files, 'read'>;
  readonly processes: Pick<Processes, 'identity' | 'serves'>;
}

/** Recognises the gateway natively: the process in its supervisor's record, with its child processes. */
export function nativeResponder(paths: ProjectPaths, { uid, files, processes }: NativeResponderOptions): FindResponder {
  const { folder } = nativePaths(paths, uid);
  const find = async () => {
    const record = await readRecord(files, folder, PROXY);
    return record?.child && (await livenessOf(record, processes)).running ? record.child.pid : undefined;
  };
  let finding: ReturnType<typeof find> | undefined;
  // Simultaneous connections share one lookup.
  const findProcess = () => {
    finding ??= find().finally(() => {
      finding = undefined;
    });
    return finding;
  };
  return async (connection) => {
    const pid = await findProcess();
    if (pid === undefined) return { who: connection.isClosed() ? 'gone' : 'other' };
    const served = await processes.serves(pid, connection);
    if (served === 'ours') return { who: 'proxy' };
    return { who: served === 'gone' || connection.isClosed() ? 'gone' : 'other' };
  };
}
