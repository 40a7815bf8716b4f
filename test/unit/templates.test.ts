import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { REVERSE_PROXIES } from '../../src/model/stack-spec.ts';
import { templatesFolder } from '../../src/package-files.ts';

const read = (name: string) => readFileSync(join(templatesFolder(), name), 'utf8');

describe.each(REVERSE_PROXIES)('the overlay of %s', (proxy) => {
  const overlay = parse(read(`compose.${proxy}.yml`));
  const service = overlay.services['litellm-tls'];

  it('adds the reverse proxy, and only its location to LiteLLM', () => {
    expect(Object.keys(overlay.services)).toEqual(['litellm', 'litellm-tls']);
    expect(overlay.services.litellm).toEqual({
      environment: { PROXY_BASE_URL: expect.stringContaining('{LITELLM_PUBLIC_URL:-}'), FORWARDED_ALLOW_IPS: '*' },
    });
  });

  it('publishes both ports, and recreates the container for a new certificate', () => {
    expect(service.ports.map((port: string) => port.split(':').at(-1))).toEqual(['8443', '8080']);
    expect(service.labels).toEqual({ 'agents-llm.revision': expect.stringContaining('{LITELLM_TLS_REVISION:-}') });
  });

  it('sets its hardening and restart policy', () => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      read_only: true,
      volumes: ['./tls:/etc/agents-llm:ro'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { driver: 'json-file', options: { 'max-size': '10m' } },
    });
    expect(service.mem_limit).toBe('256m');
  });
});

it("replaces the stack's own database by an external one", () => {
  const { services } = parse(read('compose.external-database.yml'));
  expect(services['litellm-db']).toEqual({ profiles: ['bundled-database'] });
  expect(services.litellm).toEqual({
    depends_on: { 'litellm-db': { condition: 'service_healthy', required: false } },
    environment: { DATABASE_URL: expect.stringContaining('{LITELLM_DATABASE_URL:?') },
  });
});

it('disables buffering in Nginx and allows long responses', () => {
  const text = read('tls/nginx.conf');
  const lines = ['proxy_buffering off;', 'proxy_request_buffering off;', 'proxy_read_timeout 1h;'];
  for (const line of [...lines, 'proxy_pass_header X-Accel-Buffering;']) expect(text).toContain(line);
});

it('redirects HTTP in Traefik, and serves HTTPS with the certificate and HSTS', () => {
  const { http, tls } = parse(read('tls/traefik.yml').replaceAll('@AUTHORITY@', 'gateway.test:8443'));
  expect(http.routers.plain).toMatchObject({ entryPoints: ['web'], middlewares: ['to-https'] });
  expect(http.routers.secure).toMatchObject({ entryPoints: ['websecure'], middlewares: ['hsts'], tls: {} });
  const { regex, replacement, permanent } = http.middlewares['to-https'].redirectRegex;
  const redirected = (url: string) => url.replace(new RegExp(regex), replacement.replaceAll(/[{}]/g, ''));
  expect(permanent).toBe(true);
  expect(redirected('http://evil.test/ui/?a=1')).toBe('https://gateway.test:8443/ui/?a=1');
  expect(redirected('http://evil.test:8080')).toBe('https://gateway.test:8443');
  expect(tls.stores.default.defaultCertificate).toEqual(tls.certificates[0]);
  const { command } = parse(read('compose.traefik.yml')).services['litellm-tls'];
  for (const point of Object.values(http.routers).flatMap(
    (router) => (router as { entryPoints: string[] }).entryPoints,
  )) {
    expect(command).toContainEqual(expect.stringMatching(`^--entryPoints\\.${point}\\.address=:8\\d+$`));
  }
});
