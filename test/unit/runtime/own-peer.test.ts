import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectPaths } from '../../../src/model/paths.ts';
import { ownPeer } from '../../../src/runtime/own-peer.ts';
import type { Machine, OwnStack } from '../../../src/runtime/responder.ts';
import { caught } from '../../support/caught.ts';
import { fakeFiles } from '../../support/fake-files.ts';
import { type FakeExchange, fakeHttp } from '../../support/fake-http.ts';
import { fakeInvocation } from '../../support/fake-invocation.ts';
import { fakeProcesses } from '../../support/fake-processes.ts';
import { serviceRecord } from '../../support/service-record.ts';

const paths = projectPaths('/h', 'two');
const stack: OwnStack = { kind: 'docker', project: 'two', paths, bind: '127.0.0.1', port: 4000 };
const connection = {
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 4000 },
  isClosed: () => false,
};
const labelled = 'http://docker/v1.41/containers/json?all=1&filters={"label":["com.docker.compose.project=two"]}';
const ping = { call: 'HEAD http://docker/_ping', answer: { headers: { 'api-version': '1.41' } }, repeat: true };

function container(service: string, Status: string) {
  const Labels = { 'com.docker.compose.project': 'two', 'com.docker.compose.service': service };
  const PortBindings = service === 'litellm' ? { '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: '4000' }] } : {};
  const rest = { Config: { Image: 'i', Env: [], Labels }, HostConfig: { PortBindings }, Mounts: [] };
  return { Id: service, Name: `/two-${service}-1`, State: { Status, ExitCode: 0, Error: '', StartedAt: '' }, ...rest };
}

function engine(...containers: ReturnType<typeof container>[]): FakeExchange[] {
  const list = { call: `GET ${labelled}`, answer: { json: containers.map(({ Id }) => ({ Id })) }, repeat: true };
  const each = containers.map((one) => ({
    call: `GET http://docker/v1.41/containers/${one.Id}/json`,
    answer: { json: one },
    repeat: true,
  }));
  return [ping, list, ...each];
}

function check(changes: Partial<OwnStack>, parts: Partial<Machine>, exchanges: readonly FakeExchange[] = []) {
  const { context } = fakeInvocation({ home: '/h', env: { DOCKER_HOST: 'unix:///d.sock' }, http: fakeHttp(exchanges) });
  const ports = { ...context.ports, probe: async () => 'free' as const };
  const machine = { ...context, uid: 1000, files: fakeFiles({}), ports, ...parts };
  return ownPeer({ ...stack, ...changes }, machine).check(connection, new AbortController().signal);
}

const processes = (uid: number, command: string | null = 'node') => ({
  ...fakeProcesses({ 20: 'child' }),
  servedBy: async () => uid,
  serves: async () => 'other' as const,
  listener: async () => ({ pid: command === null ? null : 7, command, user: 'mallory' }),
});
const taken = (holder: string) => ({
  code: 'port_taken',
  exitCode: 6,
  message: `Port 4000 on 127.0.0.1 is already in use by ${holder}, which is not the gateway of this stack, so no key was sent to it`,
  hint: expect.stringContaining('agents-llm up --port 4001'),
  details: { bind: '127.0.0.1', port: 4000, holder },
});

test('accepts the container of the project', async () => {
  await check(
    {},
    { processes: processes(0) },
    engine(container('litellm', 'running'), container('litellm-db', 'running')),
  );
});

test('names the process that has the port of a container', async () => {
  const refused = await caught(() =>
    check({}, { processes: processes(0) }, engine(container('litellm-db', 'running'))),
  );
  expect(refused).toMatchObject(taken('process 7 (node)'));
});

test('names the user of a process that cannot be inspected', async () => {
  const list = 'http://docker/v1.41/containers/json?all=1&filters={"publish":["4000"]}';
  const exchanges = [...engine(container('litellm', 'running')), { call: `GET ${list}`, answer: { json: [] } }];
  expect(await caught(() => check({}, { processes: processes(65_533, null) }, exchanges))).toMatchObject(
    taken('a program of user mallory'),
  );
});

test('reports a paused container', async () => {
  const exchanges = engine(container('litellm', 'running'), container('litellm-db', 'paused'));
  expect(await caught(() => check({}, { processes: processes(0) }, exchanges))).toMatchObject({
    code: 'service_failed',
    exitCode: 7,
    message: 'litellm-db is paused',
    hint: 'Resume it: docker unpause two-litellm-db-1',
    details: { service: 'litellm-db', status: 'paused' },
  });
});

test('asks the engine that the stack was created on', async () => {
  const running = [container('litellm', 'running'), container('litellm-db', 'running')];
  await check({ endpoint: 'unix:///other.sock' }, { processes: processes(0) }, engine(...running));
});

test('accepts only the recorded process on the native runtime', async () => {
  const files = fakeFiles({ '/h/two/native/litellm.json': JSON.stringify(serviceRecord()) });
  const native = { kind: 'native' } as const;
  const own = { ...processes(1000), serves: async () => 'ours' as const };
  await check(native, { files, processes: own });
  expect(await caught(() => check(native, { files, processes: processes(1000) }))).toMatchObject(
    taken('process 7 (node)'),
  );
});

test('reports a closed connection as lost', async () => {
  const files = fakeFiles({ '/h/two/native/litellm.json': JSON.stringify(serviceRecord()) });
  const gone = { ...processes(1000), serves: async () => 'gone' as const };
  await expect(check({ kind: 'native' }, { files, processes: gone })).rejects.toMatchObject({ code: 'ECONNRESET' });
});

/** Each sends to a target, which names who is to be checked. */
const SENDERS = ['src/litellm/admin/call.ts', 'src/stack/health/proxy-health.ts'];

test('finds no other file that sends a key, so no request skips the check', () => {
  const root = new URL('../../../', import.meta.url);
  const files = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name}`);
  const sends = files.filter((file) => /authorization: `Bearer|x-litellm-api-key/i.test(read(file)));
  expect(sends.sort()).toEqual(SENDERS);
  for (const file of SENDERS) expect(read(file)).toMatch(/peer: target\.peer/);

  function read(file: string) {
    return readFileSync(new URL(file, root), 'utf8');
  }
});
