import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../../src/io/terminal/paint.ts';
import type { ServiceView, StatusData } from '../../../../src/stack/lifecycle/stack-status.ts';
import { renderStatus, statusVariables } from '../../../../src/stack/lifecycle/status-view.ts';

const PINNED = 'ghcr.io/berriai/litellm:v1.108.11';
const proxy: ServiceView = {
  service: 'litellm',
  status: 'running',
  health: 'healthy',
  restarts: 0,
  uptimeMs: 90_000,
  memoryBytes: 512_000_000,
  image: PINNED,
  version: '1.108.11',
  id: 'p',
};
const database: ServiceView = {
  ...proxy,
  memoryBytes: null,
  service: 'litellm-db',
  image: 'postgres:16-alpine',
  version: '16',
  id: 'd',
};
const ready: StatusData = {
  project: 'shop',
  runtime: 'docker',
  state: 'ready',
  reason: null,
  url: 'http://127.0.0.1:4000',
  localUrl: 'http://127.0.0.1:4000',
  tls: null,
  uiUrl: 'http://127.0.0.1:4000/ui/',
  version: '1.108.11',
  database: 'connected',
  models: 1,
  keys: 2,
  engine: { endpoint: 'unix:///docker.sock', remembered: null },
  services: [database, proxy],
  pinnedImage: PINNED,
  databaseSize: null,
  fastStart: true,
};

const render = (changes: Partial<StatusData> = {}) => renderStatus({ ...ready, ...changes }, plainPaint);

describe('renderStatus', () => {
  test('shows the services and what they contain', () => {
    expect(render()).toBe(`shop: ready

SERVICE     STATE             UPTIME      MEMORY    RESTARTS  IMAGE
litellm-db  running, healthy  1 min 30 s  -         0         postgres:16-alpine
litellm     running, healthy  1 min 30 s  512.0 MB  0         ghcr.io/berriai/litellm:v1.108.11

LiteLLM 1.108.11, 1 model, 2 virtual keys
http://127.0.0.1:4000  UI http://127.0.0.1:4000/ui/
`);
  });

  test('names the recommended image when another one runs', () => {
    const services = [database, { ...proxy, image: 'ghcr.io/berriai/litellm:v1.104.7' }];
    expect(render({ services })).toMatch(
      /\nThis agents-llm is made for ghcr.io\/berriai\/litellm:v1.108.11. Upgrade: npx agents-llm -p shop upgrade\n$/,
    );
    expect(render()).not.toContain('made for');
  });

  test('shows unknown counts as unknown', () => {
    expect(render({ version: null, models: null, keys: null })).toContain('\nmodels unknown, virtual keys unknown\n');
  });

  test.each<[StatusData['state'], readonly ServiceView[], string]>([
    ['not-created', [], 'npx agents-llm -p shop up'],
    ['starting', [database], 'npx agents-llm -p shop status --watch'],
    ['unhealthy', [database, proxy], 'npx agents-llm -p shop up or npx agents-llm -p shop logs'],
  ])('names the next command when the stack is %s', (state, services, next) => {
    expect(render({ state, services, reason: 'why' })).toMatch(new RegExp(`^shop: ${state} \\(why\\)\\n`));
    expect(render({ state, services })).toMatch(new RegExp(`\\nNext: ${next}\\n$`));
  });
});

test('prints variables without secrets and leaves unknown values empty', () => {
  expect(statusVariables({ ...ready, version: null })).toBe(`AGENTS_LLM_STATE="ready"
LITELLM_BASE_URL="http://127.0.0.1:4000"
LITELLM_UI_URL="http://127.0.0.1:4000/ui/"
LITELLM_VERSION=""
OPENAI_BASE_URL="http://127.0.0.1:4000/v1"
`);
});
