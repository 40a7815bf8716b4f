import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { freePort } from '../../scripts/free-port.js';
import { pathWithCommand } from '../support/shells.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker, removeProject } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-export';
const ELSEWHERE = 'e2e-exported';
const IN_CLUSTER = 'e2e-exported-helm';
/** A PostgreSQL that is not ours. */
const DATABASE = 'e2e-exported-database';
const PORT = String(await freePort());
const CLUSTER_PORT = String(await freePort());
const PROVIDER_KEY = 'sk-provider-key-0123456789';

// One stack that moves with only the steps in the exported files.
describeOn(onDocker)('an exported stack', () => {
  let cli: Cli;
  let root: string;
  let upstream: Upstream;
  let key: string;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_KEY: PROVIDER_KEY });
  const clear = () => {
    for (const name of [IN_CLUSTER, DATABASE]) {
      if (docker('ps', '-aq', '--filter', `name=^${name}$`) !== '') docker('rm', '-f', '-v', name);
    }
    for (const project of [ELSEWHERE, PROJECT]) removeProject(project);
  };
  const chat = (port: string) =>
    new OpenAI({ apiKey: key, baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 }).chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: 'ping' }],
    });

  beforeAll(async () => {
    clear();
    before = snapshot();
    cli = createCli(onDocker);
    root = mkdtempSync(join(tmpdir(), 'agents-llm-export-'));
    upstream = await startUpstream(onDocker);
    expect((await run('up', '--port', PORT)).code).toBe(0);
    await run('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url);
    await run('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai');
    key = (await run('provision-key')).stdout.trim();
  });
  afterAll(async () => {
    await upstream.close();
    clear();
    cli.dispose();
    rmSync(root, { recursive: true, force: true });
    expectNoLeaks(before);
  });

  it('runs with Compose alone and keeps its data', async () => {
    const folder = join(root, 'handover');
    expect((await run('export', 'compose', '--output', folder)).code).toBe(0);
    const file = readFileSync(join(folder, 'docker-compose.yml'), 'utf8');
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    for (const secret of Object.values(cli.secretsOf(PROJECT)).filter((value) => value !== 'admin')) {
      expect(file).not.toContain(secret);
    }
    await execa('docker', ['compose', 'config', '-q'], { cwd: folder });
    const steps = [...file.matchAll(/^# {3}(.*)$/gm)].map(([, step]) => step);
    expect(steps.length).toBeGreaterThan(4);
    const env = {
      ...process.env,
      PATH: pathWithCommand(root),
      AGENTS_LLM_HOME: cli.home,
      // On this machine it must not use the volume of the original stack.
      COMPOSE_PROJECT_NAME: ELSEWHERE,
    };
    await execa('bash', ['-euc', steps.join('\n')], { cwd: folder, env });
    expect((await chat(PORT)).choices[0]?.message.content).toBe('pong');
    expect(upstream.seen.at(-1)).toEqual({ key: PROVIDER_KEY, model: 'gpt-4o' });
  });

  it("moves its data to an external PostgreSQL with the steps in the chart's values", async () => {
    const password = cli.secretsOf(PROJECT).POSTGRES_PASSWORD;
    docker('run', '-d', '--name', DATABASE, '-e', 'POSTGRES_PASSWORD=of-others-1', 'postgres:16-alpine');
    const host = docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', DATABASE);
    const isUp = () => execa('docker', ['exec', DATABASE, 'pg_isready', '-h', host]).then(() => 'up', String);
    await expect.poll(isUp, { timeout: 60_000 }).toBe('up');
    docker('cp', join(root, 'handover', 'litellm.dump'), `${DATABASE}:/litellm.dump`);
    const text = (await run('export', 'helm', '--database-host', `${host}:5432`)).stdout;
    const steps = [...text.matchAll(/^# {3}((?:createuser|createdb|pg_restore) .*)$/gm)].map(([, step = '']) => step);
    expect(steps).toHaveLength(3);
    for (const step of steps) {
      const env = ['-e', `PGPASSWORD=${step.startsWith('pg_restore') ? password : 'of-others-1'}`];
      await execa('docker', ['exec', '-i', ...env, DATABASE, 'sh', '-ec', step], {
        input: `${password}\n${password}\n`,
      });
    }
  });

  /** As the chart's deployment sets them. `values` and the Secrets are of the chart. */
  const ENVIRONMENT_OF = {
    'litellm-helm': ({ envVars, masterkeySecretKey, db }, gateway, { username, password }) => ({
      ...gateway,
      ...envVars,
      PROXY_MASTER_KEY: gateway[masterkeySecretKey],
      DATABASE_URL: `postgresql://${username}:${password}@${db.endpoint}/${db.database}`,
    }),
    litellm: ({ gateway: { extraEnv }, masterKey, database: { writer } }, gateway, { username, password }) => ({
      ...gateway,
      ...Object.fromEntries(extraEnv.map(({ name, value }: { name: string; value: string }) => [name, value])),
      PROXY_MASTER_KEY: gateway[masterKey.secretKey],
      DATABASE_HOST: writer.host,
      DATABASE_PORT: String(writer.port),
      DATABASE_NAME: writer.dbname,
      DATABASE_USER: username,
      DATABASE_USERNAME: username,
      DATABASE_PASSWORD: password,
      // The chart's Job migrates.
      DISABLE_SCHEMA_UPDATE: 'true',
    }),
    // biome-ignore lint/suspicious/noExplicitAny: what YAML holds.
  } satisfies Record<string, (...given: any[]) => Record<string, string>>;

  it.each(['litellm-helm', 'litellm'] as const)('runs with the container settings of the chart %s', async (chart) => {
    const folder = join(root, chart);
    mkdirSync(folder);
    const host = docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', DATABASE);
    const exported = (...args: string[]) => run('export', 'helm', '--chart', chart, ...args);
    const values = parse((await exported('--database-host', `${host}:5432`)).stdout);
    const [gateway, database] = parseAllDocuments((await exported('--reveal')).stdout).map((each) => each.toJS());
    writeFileSync(join(folder, 'config.yaml'), stringify(values.proxy_config ?? values.gateway.config.proxy_config));
    const env = Object.entries(ENVIRONMENT_OF[chart](values, gateway.stringData, database.stringData));
    writeFileSync(join(folder, 'env'), env.map(([name, value]) => `${name}=${value}\n`).join(''));
    if (docker('ps', '-aq', '--filter', `name=^${IN_CLUSTER}$`) !== '') docker('rm', '-f', IN_CLUSTER);
    docker(
      ...['run', '-d', '--name', IN_CLUSTER, '--env-file', join(folder, 'env')],
      ...['-p', `127.0.0.1:${CLUSTER_PORT}:4000`, '-v', `${join(folder, 'config.yaml')}:/etc/litellm/config.yaml:ro`],
      ...['--add-host', 'host.docker.internal:host-gateway', `${values.image.repository}:${values.image.tag}`],
      ...['--config', '/etc/litellm/config.yaml'],
    );
    await expect
      .poll(() => fetch(`http://127.0.0.1:${CLUSTER_PORT}/health/readiness`).then((answer) => answer.text(), String), {
        timeout: 120_000,
        interval: 500,
      })
      .toContain('"connected"');
    expect((await chat(CLUSTER_PORT)).choices[0]?.message.content).toBe('pong');
  });
});
