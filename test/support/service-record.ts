import type { ServiceRecord } from '../../src/runtime/native/supervisor/service-record.ts';
import { GENERATION } from '../../src/runtime/native/supervisor/supervised-service.ts';

/** Of a proxy that runs under its supervisor; each test says what differs. */
export function serviceRecord(changes: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    status: 'running',
    supervisor: { pid: 10, identity: 'supervisor' },
    child: { pid: 20, identity: 'child' },
    restarts: 0,
    exitCode: 0,
    error: '',
    startedAt: Date.UTC(2026, 0, 1),
    image: 'litellm==1.108.11',
    version: '1.108.11',
    published: { bind: '127.0.0.1', port: 4000 },
    corsOrigins: 'http://127.0.0.1:4000,http://localhost:4000',
    configuration: 'a-hash',
    generation: GENERATION,
    ...changes,
  };
}
