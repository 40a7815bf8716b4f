import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { renderCheck } from '../../../../src/commands/upgrade.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { checkRelease } from '../../../../src/stack/upgrade/check-release.ts';
import { caught } from '../../../support/caught.ts';
import { type FakeStackOptions, fakeStack } from '../../../support/fake-stack.ts';

/** An index that has these releases; null answers with a page. */
async function index(newest: string | null, status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.accept}`);
    const file = { filename: `litellm-${newest}-py3-none-any.whl`, 'upload-time': '2026-11-20T10:00:00Z' };
    response.writeHead(status).end(newest === null ? '<html>' : JSON.stringify({ files: [file] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/litellm/`, asked };
}

async function stackThatAsks(url: string, options: FakeStackOptions = {}) {
  const stack = await fakeStack({ ...options, env: { AGENTS_LLM_RELEASES_URL: url } });
  return { stack, check: async () => (await checkRelease(stack.invocation, stack.runtimeFor)).data };
}

const image = (tag: string): FakeStackOptions => ({ state: { image: `l:${tag}` } });
const native: FakeStackOptions = { runtime: { kind: 'native' } };

describe('upgrade --check', () => {
  test('names the newest release and the command that installs it', async () => {
    const { url, asked } = await index('1.110.2');
    const { stack, check } = await stackThatAsks(url);
    const data = await check();
    expect(data).toMatchObject({ image: 'l:v1.108.11', version: '1.108.11', tested: '1.108.11', newest: '1.110.2' });
    expect(data).toMatchObject({ change: 'checked', published: '2026-11-20', newer: true });
    expect(renderCheck({ ...data, project: 'shop' })).toBe(
      `shop runs LiteLLM 1.108.11. The newest release is 1.110.2 (2026-11-20); agents-llm is tested with 1.108.11
Upgrade: ${data.commands[0]}
`,
    );
    expect(data.commands).toEqual([expect.stringMatching(/^agents-llm .*upgrade --to v1\.110\.2$/)]);
    expect(asked).toEqual(['GET application/vnd.pypi.simple.v1+json']);
    expect(stack.calls).toEqual([]);
  });

  test('names the tested release first when the stack is older', async () => {
    const { check } = await stackThatAsks((await index('1.110.2')).url, image('v1.106.1'));
    const { commands, ...data } = await check();
    expect(commands).toEqual([expect.stringMatching(/ upgrade$/), expect.stringMatching(/ upgrade --to v1\.110\.2$/)]);
    expect(renderCheck({ ...data, commands: ['a', 'b'] })).toContain('Upgrade: a\nOr to the newest: b\n');
  });

  test.each(['1.108.11', '1.108.10'])('offers nothing when %s is the newest release', async (newest) => {
    const { check } = await stackThatAsks((await index(newest)).url);
    const data = await check();
    expect(data).toMatchObject({ newer: false, commands: [] });
    expect(renderCheck({ ...data, project: 'shop' })).toMatch(
      /^shop runs LiteLLM 1\.108\.11, the newest release( \(2026-11-20\))?\n$/,
    );
  });

  test('assumes that an image without a version in its tag may be older', async () => {
    const { check } = await stackThatAsks((await index('1.108.11')).url, image('latest'));
    const data = await check();
    expect(data).toMatchObject({ version: null, newer: true, commands: [expect.stringMatching(/ upgrade$/)] });
    expect(renderCheck({ ...data, project: 'shop' })).toMatch(/^shop runs l:latest\. The newest release is 1\.108\.11/);
  });

  test('requires a newer agents-llm with a lock file on the native runtime', async () => {
    const { check } = await stackThatAsks((await index('1.110.2')).url, native);
    const data = await check();
    expect(data).toMatchObject({ newer: true, commands: [] });
    expect(renderCheck(data)).toContain(
      '\nA newer agents-llm brings it: without Docker each LiteLLM needs a lock file\n',
    );
  });

  test.each<[string, string | null, number, string]>([
    ['another page', null, 200, 'answered HTTP 200 without a list of releases'],
    ['an error', '1.110.2', 503, 'answered HTTP 503 without a list of releases'],
    ['only releases that must not be installed', '1.107.0', 200, 'lists no LiteLLM that can be installed'],
  ])('reports that the index returned %s', async (_, newest, status, why) => {
    const { url } = await index(newest, status);
    const { check } = await stackThatAsks(url);
    const { host } = new URL(url);
    expect(await caught(check)).toMatchObject({
      code: 'registry_unreachable',
      exitCode: EXIT.prerequisite,
      message: `Cannot tell the newest LiteLLM: ${host} ${why}`,
      hint: 'Check the network and HTTPS_PROXY, then try again: agents-llm upgrade --check',
      details: { host, status },
    });
  });

  test('reports that the index does not answer', async () => {
    const { check } = await stackThatAsks('http://127.0.0.1:1/');
    expect(await caught(check)).toMatchObject({
      code: 'registry_unreachable',
      message: 'Cannot reach PyPI at 127.0.0.1:1 (ECONNREFUSED)',
      details: { code: 'ECONNREFUSED' },
    });
  });

  test('requires a stack', async () => {
    const { url, asked } = await index('1.110.2');
    const { check } = await stackThatAsks(url, { made: false });
    expect(await caught(check)).toMatchObject({ code: 'not_running', exitCode: EXIT.notRunning });
    expect(asked).toEqual([]);
  });
});
