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

/** PostgreSQL's port on 127.0.0.1: the previous one, unless another program uses it now. */
export async function databasePort({ paths, files, ports, services }: DatabasePortOptions): Promise<number> {
  const file = join(paths.folder, 'database-port');
  const previous = Number(await files.read(file));
  const isValid = Number.isInteger(previous) && previous > 0 && previous < 65_536;
  const isRunning = (await services()).some(({ service, status }) => service === DATABASE && status === 'running');
  if (isValid && (isRunning || (await ports.probe('127.0.0.1', previous)) === 'free')) return previous;
  const port = await ports.findFree();
  await files.write(file, `${port}\n`, 0o600);
  return port;
}
