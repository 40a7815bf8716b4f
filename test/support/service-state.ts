import type { ServiceState } from '../../src/model/service.ts';
import { allowedOrigins } from '../../src/model/web-origins.ts';

const LOOPBACK = { bind: '127.0.0.1', port: 4000 };

/** A running, healthy service; each test says what differs. */
export function serviceState(changes: Partial<ServiceState> = {}): ServiceState {
  const service = changes.service ?? 'litellm';
  return {
    service,
    id: `${service}-id-0123456789`,
    status: 'running',
    health: 'healthy',
    restarts: 0,
    exitCode: 0,
    error: '',
    startedAt: Date.UTC(2026, 0, 1),
    image: service === 'litellm' ? 'ghcr.io/berriai/litellm:v1.108.11' : 'postgres:16-alpine',
    version: service === 'litellm' ? '1.108.11' : '16',
    published: service === 'litellm' ? LOOPBACK : null,
    ...(service === 'litellm' ? { corsOrigins: allowedOrigins(changes.published ?? LOOPBACK) } : {}),
    ...changes,
  };
}
