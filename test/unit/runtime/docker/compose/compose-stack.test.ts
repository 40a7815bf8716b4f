import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { projectPaths } from '../../../../../src/model/paths.ts';
import type { ServiceState } from '../../../../../src/model/service.ts';
import { removeStack, startStack, stopStack } from '../../../../../src/runtime/docker/compose/compose-stack.ts';
import { dockerCli } from '../../../../../src/runtime/docker/engine/docker-cli.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { type FakeCommand, fakeRunner } from '../../../../support/fake-runner.ts';
import { serviceState } from '../../../../support/service-state.ts';

const spec = { project: 'shop', bind: '127.0.0.1', port: 4100, image: 'l:1', databaseImage: 'p:1' };
const head = 'docker compose -p shop --project-directory /h/shop -f /p/docker-compose.yml';
const up = `${head} -f /p/templates/compose.fast-start.yml --env-file /h/shop/.env --env-file /h/shop/compose.env up -d --pull never`;
const ambiguous = { exitCode: 1, stderr: 'network shop_default is ambiguous (2 matches found on name)' };
const signal = new AbortController().signal;

function setUp(
  table: readonly FakeCommand[],
  secrets: string | Error | undefined = 'POSTGRES_PASSWORD=pgsecret1\n',
  services: readonly ServiceState[] = [],
) {
  const runner = fakeRunner(table);
  const files = fakeFiles({
    '/p/docker-compose.yml': 'services: {}\n',
    ...(secrets === undefined ? {} : { '/h/shop/.env': secrets }),
  });
  const env = { PATH: '/bin', POSTGRES_PASSWORD: 'stray' };
  const options = {
    env,
    files,
    paths: projectPaths('/h', 'shop'),
    docker: dockerCli({ runner, env, signal }),
    engine: { imageCommand: async () => ({ entrypoint: ['start.sh'], command: ['--port', '4000'] }) },
    project: { name: 'shop', folder: '/h/shop', files: ['/p/docker-compose.yml'] },
    templates: '/p/templates',
    services: async () => services,
    endpoint: 'unix:///x.sock',
    platform: 'linux',
    home: '/home/me',
  } as const;
  return { runner, files, options };
}

test('writes the settings, readable by the owner alone, before it starts', async () => {
  const { runner, files, options } = setUp([{ line: up }]);
  await startStack(spec, { recreate: [] }, signal, options);
  expect(files.all.get('/h/shop/compose.env')).toEqual({
    text: 'LITELLM_BIND=127.0.0.1\nLITELLM_PORT=4100\nLITELLM_IMAGE=l:1\nLITELLM_DB_IMAGE=p:1\nLITELLM_NO_PROXY=localhost,127.0.0.1,::1,litellm-db,host.docker.internal\nLITELLM_CORS_ORIGINS=http://127.0.0.1:4100,http://localhost:4100\nLITELLM_REVISION=daf932301564\nLITELLM_IMAGE_COMMAND=%7B%22entrypoint%22%3A%5B%22start.sh%22%5D%2C%22command%22%3A%5B%22--port%22%2C%224000%22%5D%7D\n',
    mode: 0o600,
  });
  expect(runner.calls[0]?.options.env).toEqual({ PATH: '/bin' });
  runner.assertDone();
});

test('starts LiteLLM by the command of the image with --no-fast-start', async () => {
  const { runner, files, options } = setUp([
    { line: `${head} --env-file /h/shop/.env --env-file /h/shop/compose.env up -d --pull never` },
  ]);
  const engine = { imageCommand: () => Promise.reject(new Error('nobody asks')) };
  await startStack({ ...spec, fastStart: false }, { recreate: [] }, signal, { ...options, engine });
  expect(files.all.get('/h/shop/compose.env')?.text).not.toContain('LITELLM_IMAGE_COMMAND');
  runner.assertDone();
});

test('uses our entry point for certificates, even with --no-fast-start', async () => {
  const layers = '-f /p/templates/compose.fast-start.yml -f /h/shop/compose.environment.yml';
  const line = `${head} ${layers} --env-file /h/shop/.env --env-file /h/shop/compose.env up -d --pull never`;
  for (const fastStart of [false, undefined] as const) {
    const { runner, files, options } = setUp([{ line }]);
    const authority = { name: 'AGENTS_LLM_CA', value: 'PEM', isSecret: false, source: 'flag', network: 'ca' };
    await files.write(
      '/h/shop/environment.json',
      JSON.stringify({ schemaVersion: 1, variables: [{ ...authority, file: '/c.pem' }] }),
      0o600,
    );
    const far = { ...options, endpoint: 'ssh://far' };
    await startStack({ ...spec, fastStart }, { recreate: [] }, signal, far);
    const settings = files.all.get('/h/shop/compose.env')?.text;
    expect(settings).toContain('LITELLM_IMAGE_COMMAND=');
    expect(settings?.includes('LITELLM_OWN_START=1')).toBe(fastStart === false);
    runner.assertDone();
  }
});

test.each([
  [['litellm'], [`${up} --force-recreate litellm`]],
  [['litellm-db', 'litellm'], [`${up} --force-recreate litellm-db litellm`]],
  [['litellm-db'], [`${up} --force-recreate litellm-db`, up]],
] as const)('recreates %j and starts all services', async (recreate, lines) => {
  const { runner, options } = setUp(lines.map((line) => ({ line })));
  await startStack(spec, { recreate }, signal, options);
  runner.assertDone();
});

test('starts one service alone', async () => {
  const { runner, options } = setUp([{ line: `${up} litellm-db` }]);
  await startStack(spec, { recreate: [], only: ['litellm-db'] }, signal, options);
  runner.assertDone();
});

test('repairs an ambiguous network once, and keeps the data', async () => {
  const { runner, options } = setUp([{ line: up, result: ambiguous }, { line: `${head} down` }, { line: up }]);
  await startStack(spec, { recreate: [] }, signal, options);
  runner.assertDone();
});

test('removes the half-created container of an interrupted up', async () => {
  const conflict = 'Conflict. The container name "/0123456789ab_shop-litellm-1" is already in use by container "f"';
  const { runner, options } = setUp([
    { line: up, result: { exitCode: 1, stderr: conflict } },
    { line: 'docker rm -f 0123456789ab_shop-litellm-1' },
    { line: up },
  ]);
  await startStack(spec, { recreate: [] }, signal, options);
  runner.assertDone();
});

describe('another Compose process that is still running', () => {
  const races = [
    'Error response from daemon: No such container: 4f596b9adcf7',
    'Error response from daemon: removal of container 4f596b9adcf7 is already in progress',
    'Error response from daemon: network 0a1b2c not found',
    'cannot start: container is marked for removal and cannot be started',
    'Conflict. The container name "/shop-litellm-1" is already in use by container "f"',
  ];

  test.each(races)('tries up again after: %s', async (stderr) => {
    const raced = { exitCode: 1, stderr };
    const { runner, options } = setUp([{ line: up, result: raced }, { line: up, result: raced }, { line: up }]);
    await startStack(spec, { recreate: [] }, signal, options);
    runner.assertDone();
  });

  test('tries stop and down again', async () => {
    const raced = { exitCode: 1, stderr: races[1] ?? '' };
    const { runner, options } = setUp([
      { line: `${head} stop`, result: raced },
      { line: `${head} stop` },
      { line: `${head} down`, result: raced },
      { line: `${head} down` },
    ]);
    await stopStack(options);
    await removeStack(false, options);
    runner.assertDone();
  });

  test('stops trying after the fourth attempt', async () => {
    const raced = { line: up, result: { exitCode: 1, stderr: races[0] ?? '' } };
    const { runner, options } = setUp([raced, raced, raced, raced]);
    await expect(startStack(spec, { recreate: [] }, signal, options)).rejects.toMatchObject({
      code: 'compose_failed',
      exitCode: EXIT.notReady,
      message: 'docker compose up failed: Error response from daemon: No such container: 4f596b9adcf7',
    });
    runner.assertDone();
  });

  test('reports at once a container of another project that uses the name', async () => {
    const stderr = 'Conflict. The container name "/other-litellm-1" is already in use by container "f"';
    const { runner, options } = setUp([{ line: up, result: { exitCode: 1, stderr } }]);
    await expect(startStack(spec, { recreate: [] }, signal, options)).rejects.toMatchObject({ code: 'compose_failed' });
    runner.assertDone();
  });
});

test('gives up on a network that stays ambiguous', async () => {
  const { runner, options } = setUp([
    { line: up, result: ambiguous },
    { line: `${head} down` },
    { line: up, result: ambiguous },
  ]);
  await expect(startStack(spec, { recreate: [] }, signal, options)).rejects.toMatchObject({
    code: 'compose_failed',
    exitCode: EXIT.notReady,
    message: expect.stringMatching(/^docker compose up failed: network shop_default is ambiguous/),
    hint: 'See what the services logged: agents-llm logs',
  });
  runner.assertDone();
});

test('reports a port that is already in use', async () => {
  const { options } = setUp([{ line: up, result: { exitCode: 1, stderr: 'bind: address already in use' } }]);
  await expect(startStack(spec, { recreate: [] }, signal, options)).rejects.toMatchObject({
    code: 'port_taken',
    exitCode: EXIT.port,
    hint: expect.stringContaining('up --port 4101'),
  });
});

test('does not start without secrets', async () => {
  const { runner, files, options } = setUp([]);
  await files.remove('/h/shop/.env');
  await expect(startStack(spec, { recreate: [] }, signal, options)).rejects.toMatchObject({
    code: 'secrets_missing',
    exitCode: EXIT.data,
    message: '/h/shop/.env is missing',
    hint: expect.stringContaining('agents-llm down --volumes'),
  });
  runner.assertDone();
});

const tls = {
  ...({ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 8443, httpPort: 8080, image: 'n:1' } as const),
  ...{ fingerprint: 'AB:CD', revision: 'r1', expires: '2028-01-01T00:00:00.000Z' },
};
const proxied = (proxy: string) => up.replace(' --env-file', ` -f /p/templates/compose.${proxy}.yml --env-file`);
const reverseProxy = serviceState({ service: 'litellm-tls' });

test.each(['nginx', 'traefik'] as const)('starts %s on top of the stack', async (proxy) => {
  const { runner, options } = setUp([{ line: proxied(proxy) }]);
  await startStack({ ...spec, tls: { ...tls, proxy } }, { recreate: [] }, signal, options);
  runner.assertDone();
});

test.each([
  [['litellm'], [`${proxied('nginx')} --force-recreate litellm`, proxied('nginx')]],
  [['litellm', 'litellm-tls'], [`${proxied('nginx')} --force-recreate litellm litellm-tls`]],
] as const)('recreates %j behind a reverse proxy and starts all services', async (recreate, lines) => {
  const { runner, options } = setUp(lines.map((line) => ({ line })));
  await startStack({ ...spec, tls }, { recreate }, signal, options);
  runner.assertDone();
});

test('starts without a database service when the database is external', async () => {
  const external = up.replace(' --env-file', ' -f /p/templates/compose.external-database.yml --env-file');
  const table = [{ line: external }, { line: `${external} --force-recreate litellm` }];
  const { runner, options } = setUp(table);
  for (const recreate of [[], ['litellm']] as const) {
    await startStack({ ...spec, externalDatabase: true }, { recreate }, signal, options);
  }
  runner.assertDone();
});

test('removes a reverse proxy that is no longer wanted', async () => {
  const table = [{ line: `docker rm -f ${reverseProxy.id}` }, { line: up }];
  const { runner, options } = setUp(table, undefined, [reverseProxy]);
  await startStack(spec, { recreate: [] }, signal, options);
  runner.assertDone();
});

test('stops and removes a reverse proxy with the rest, whichever it is', async () => {
  const both = `${head} -f /p/templates/compose.nginx.yml`;
  const table = [{ line: `${both} stop` }, { line: `${both} down -v` }];
  const { runner, options } = setUp(table, undefined, [reverseProxy]);
  await stopStack(options);
  await removeStack(true, options);
  runner.assertDone();
});

test('names the port of the reverse proxy that is in use', async () => {
  const stderr = 'Error: Bind for 0.0.0.0:8443 failed: port is already allocated';
  const { options } = setUp([{ line: proxied('nginx'), result: { exitCode: 1, stderr } }]);
  await expect(startStack({ ...spec, tls }, { recreate: [] }, signal, options)).rejects.toMatchObject({
    code: 'port_taken',
    exitCode: EXIT.port,
    message: 'Port 8443 on 0.0.0.0 is already in use',
    hint: 'Stop the program that uses it\nOr use another port: agents-llm up --https-port 8444',
  });
});

test('ends with the reason of the signal', async () => {
  const reason = new Error('time is up');
  const { options } = setUp([]);
  await expect(startStack(spec, { recreate: [] }, AbortSignal.abort(reason), options)).rejects.toBe(reason);
});

test('stops and removes without reading a file, whatever the environment contains', async () => {
  const { runner, options } = setUp(
    [{ line: `${head} stop` }, { line: `${head} down` }, { line: `${head} down -v` }],
    new Error('unreadable'),
  );
  await stopStack(options);
  await removeStack(false, options);
  await removeStack(true, options);
  for (const { options: given } of runner.calls) {
    expect(given.env).toMatchObject({ PATH: '/bin', POSTGRES_PASSWORD: 'unused', COMPOSE_DISABLE_ENV_FILE: '1' });
  }
  runner.assertDone();
});

test('reports why it could not stop, without a secret', async () => {
  const { options } = setUp([{ line: `${head} stop`, result: { exitCode: 1, stderr: 'odd pgsecret1' } }]);
  await expect(stopStack(options)).rejects.toMatchObject({
    code: 'compose_failed',
    exitCode: EXIT.notReady,
    message: 'docker compose stop failed: odd [redacted]',
  });
});

test('reports why it could not remove, even when the secrets cannot be read', async () => {
  const command = { line: `${head} down`, result: { exitCode: 1, stderr: 'odd' } };
  const { options } = setUp([command], new Error('unreadable'));
  await expect(removeStack(false, options)).rejects.toMatchObject({
    code: 'compose_failed',
    exitCode: EXIT.notReady,
    message: 'docker compose down failed: odd',
  });
});
