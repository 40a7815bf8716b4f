import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { SERVICES } from '../../src/model/service.ts';
import { DEFAULT_BIND, DEFAULT_DATABASE_IMAGE, DEFAULT_IMAGE, DEFAULT_PORT } from '../../src/model/stack-spec.ts';
import { composeFile } from '../../src/package-files.ts';

const text = readFileSync(composeFile(), 'utf8');
const file = parse(text, { merge: true });
const database = file.services['litellm-db'];
const proxy = file.services.litellm;

it('has the services and defaults of the code', () => {
  expect(Object.keys(file.services)).toEqual(SERVICES);
  expect(database.image).toBe(`\${LITELLM_DB_IMAGE:-${DEFAULT_DATABASE_IMAGE}}`);
  expect(proxy.image).toBe(`\${LITELLM_IMAGE:-${DEFAULT_IMAGE}}`);
  expect(proxy.ports).toEqual([`\${LITELLM_BIND:-${DEFAULT_BIND}}:\${LITELLM_PORT:-${DEFAULT_PORT}}:4000`]);
});

it('publishes no database port and keeps the data in the named volume, at the path of the image', () => {
  expect(database.ports).toBeUndefined();
  expect(database.volumes).toEqual(['litellm_pgdata:/var/lib/postgresql/data']);
  expect(Object.keys(file.volumes)).toEqual(['litellm_pgdata']);
});

it.each(SERVICES)('sets health check, restart policy, limits and hardening for %s', (name) => {
  const service = file.services[name];
  expect(Number.parseInt(service.healthcheck.interval, 10)).toBeLessThanOrEqual(2);
  expect(service.healthcheck.retries).toBeGreaterThanOrEqual(100);
  expect(service).toMatchObject({
    restart: 'unless-stopped',
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    read_only: true,
    tmpfs: expect.arrayContaining(['/tmp']),
    pids_limit: expect.any(Number),
    labels: { 'agents-llm.revision': `\${LITELLM_REVISION:-}` },
    logging: { driver: 'json-file', options: { 'max-size': '10m' } },
  });
  expect(service.mem_limit).toMatch(/^([1-4]g|\$\{LITELLM_MEMORY:-4g\})$/);
});

it('checks the health of the server with programs in the image', () => {
  expect(database.healthcheck.test[1]).toMatch(/^pg_isready -h 127\.0\.0\.1 .* \|\| exit 1\n/);
  // A shell's, because Podman splits another command at its spaces.
  expect(proxy.healthcheck.test[0]).toBe('CMD-SHELL');
  expect(proxy.healthcheck.test[1]).toMatch(/^python3 -I -S -c '[^']*GET \/health\/readiness [^']*' \|\| exit 1\n/);
  expect(proxy.depends_on).toEqual({ 'litellm-db': { condition: 'service_healthy' } });
});

it('uses nothing that older Docker and Compose versions refuse', () => {
  for (const refused of ['start_interval', '!override', '!reset', 'version:']) expect(text).not.toContain(refused);
});

it('has no default for a secret', () => {
  for (const name of ['POSTGRES_PASSWORD', 'LITELLM_MASTER_KEY', 'LITELLM_SALT_KEY']) {
    expect(text).toMatch(new RegExp(`\\$\\{${name}:\\?`));
    expect(text).not.toContain(`\${${name}:-`);
  }
});

it('reaches itself, its database and this machine without an HTTP proxy that Compose injects', () => {
  for (const name of ['NO_PROXY', 'no_proxy']) {
    expect(proxy.environment[name]).toBe(
      `\${LITELLM_NO_PROXY:-localhost,127.0.0.1,::1,litellm-db,host.docker.internal}`,
    );
  }
});
