import { describe, expect, onTestFinished, test } from 'vitest';
import type { DoctorFlags } from '../../../src/doctor/run-doctor.ts';
import { doctorWorld } from '../../support/doctor-world.ts';
import { CRITICAL, LOW, MALWARE, startFakeOsv } from '../../support/fake-osv.ts';

async function check(url: string, flags: DoctorFlags = { online: true }) {
  const world = await doctorWorld();
  world.context.env = { AGENTS_LLM_HOME: `${world.folder}/..`, AGENTS_LLM_OSV_URL: url };
  const { data, exitCode } = await world.doctor(flags);
  return { ...data.checks.find(({ id }) => id === 'advisories'), exitCode };
}

async function osv(pages: Parameters<typeof startFakeOsv>[0], status?: number) {
  const server = await startFakeOsv(pages, status);
  onTestFinished(() => server.close());
  return server;
}

describe('doctor --online', () => {
  test('asks OSV about the installed version, but sends nothing without the flag', async () => {
    const { url, asked } = await osv([{}]);
    expect(await check(url, {})).toMatchObject({
      status: 'skip',
      seen: 'Only with --online, which asks osv.dev about the installed LiteLLM',
    });
    expect(asked).toEqual([]);
    expect(await check(url)).toMatchObject({ status: 'ok', seen: 'OSV lists no advisories for LiteLLM 1.108.11' });
    expect(asked).toEqual([{ package: { name: 'litellm', ecosystem: 'PyPI' }, version: '1.108.11' }]);
  });

  test('fails for malware and for severe advisories', async () => {
    for (const [found, seen] of [
      [MALWARE, 'MAL-2026-1 is malware (MAL-2026-1)'],
      [CRITICAL, 'GHSA-aaaa-bbbb-cccc is vulnerable: SQL injection [31m without a key (CVE-2026-42208)'],
    ] as const) {
      expect(await check((await osv([{ vulns: [found] }])).url)).toMatchObject({
        status: 'fail',
        code: 'version_refused',
        seen: `OSV lists 1 advisory for LiteLLM 1.108.11: ${seen}`,
        fix: 'Use a fixed version: agents-llm upgrade',
        exitCode: 2,
      });
    }
  });

  test('warns of lesser advisories, and shows at most three', async () => {
    const { url } = await osv([{ vulns: [LOW, LOW, LOW, LOW] }]);
    const { status, seen, exitCode } = await check(url);
    expect([status, exitCode]).toEqual(['warn', 0]);
    expect(seen).toMatch(/^OSV lists 4 advisories .*; and 1 more$/);
  });

  test.each<[string, Parameters<typeof startFakeOsv>[0], number, RegExp]>([
    ['an error', [{}], 503, /^Cannot reach OSV: 127\.0\.0\.1:\d+ answered HTTP 503, which is not an OSV answer$/],
    ['another page', ['<html>log in</html>'], 200, /answered HTTP 200, which is not an OSV answer$/],
  ])('warns when it gets %s', async (_, pages, status, seen) => {
    expect(await check((await osv(pages, status)).url)).toMatchObject({
      status: 'warn',
      seen: expect.stringMatching(seen),
      fix: expect.stringContaining('HTTPS_PROXY'),
      exitCode: 0,
    });
  });

  test('warns when there is no internet', async () => {
    const gone = await startFakeOsv([{}]);
    gone.close();
    expect(await check(gone.url)).toMatchObject({
      status: 'warn',
      seen: expect.stringMatching(/^Cannot reach OSV at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/),
      exitCode: 0,
    });
  });
});
