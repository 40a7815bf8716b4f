import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import type { Ports } from '../../../io/network/ports.ts';
import { DATABASE, type ServiceState } from '../../../model/service.ts';
import type { NativePaths } from '../folders/native-paths.ts';

export interface DatabasePortOptions {
  readonly paths: Pick<NativePaths, 'folder'>;
  readonly files: Pick<Files, 'read' | 'write'>;
  readonly ports: Ports;
  readonly services: () => Promise<readonly ServiceState[]>;
}

/** PostgreSQL's port on 127.0.0.1: the one of before, unless another holds it by now. */
export async function databasePort({ paths, files, ports, services }: DatabasePortOptions): Promise<number> {
  const file = join(paths.folder, 'database-port');
  const before = Number(await files.read(file));
  const isPort = Number.isInteger(before) && before > 0 && before < 65_536;
  const runs = (await services()).some(({ service, status }) => service === DATABASE && status === 'running');
  if (isPort && (runs || (await ports.probe('127.0.0.1', before)) === 'free')) return before;
  const port = await ports.findFree();
  await files.write(file, `${port}\n`, 0o600);
  return port;
}
