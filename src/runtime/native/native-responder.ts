import type { Files } from '../../io/files.ts';
import type { Processes } from '../../io/processes.ts';
import type { ProjectPaths } from '../../paths.ts';
import { PROXY } from '../../service.ts';
import type { FindResponder } from '../responder.ts';
import { nativePaths } from './native-paths.ts';
import { livenessOf, readRecord } from './service-record.ts';

export interface NativeResponderOptions {
  readonly uid: number | undefined;
  readonly files: Pick<Files, 'read'>;
  readonly processes: Pick<Processes, 'identity' | 'serves'>;
}

/** Natively the proxy is the process that its supervisor has on record, with what that has started. */
export function nativeResponder(paths: ProjectPaths, { uid, files, processes }: NativeResponderOptions): FindResponder {
  const { folder } = nativePaths(paths, uid);
  return async (connection) => {
    const record = await readRecord(files, folder, PROXY);
    const runs = record?.child != null && (await livenessOf(record, processes)).running;
    if (!runs || !record?.child) return { who: connection.isClosed() ? 'gone' : 'other' };
    const served = await processes.serves(record.child.pid, connection);
    if (served === 'ours') return { who: 'proxy' };
    return { who: served === 'gone' || connection.isClosed() ? 'gone' : 'other' };
  };
}
