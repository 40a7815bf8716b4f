import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runBin } from '../support/run-bin.ts';
import { itUnless } from '../support/skipping.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MASTER_KEY = 'sk-master-0123456789abcdef';

async function stack() {
  const home = await temporaryFolder();
  mkdirSync(join(home, 'two'));
  const state = {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'two',
    bind: '127.0.0.1',
    port: 4321,
    image: 'ghcr.io/berriai/litellm:v1.108.11',
    databaseImage: 'postgres:16-alpine',
    engine: { endpoint: 'unix:///x.sock', id: 'x' },
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  writeFileSync(join(home, 'two', 'state.json'), JSON.stringify(state));
  writeFileSync(
    join(home, 'two', '.env'),
    `LITELLM_MASTER_KEY=${MASTER_KEY}\nLITELLM_SALT_KEY=salt-0123456789\nPOSTGRES_PASSWORD=password-0123\nUI_USERNAME=admin\nUI_PASSWORD=ui-password-0123\n`,
  );
  const env = { HOME: home, AGENTS_LLM_HOME: home, PATH: process.env.PATH ?? '' };
  return { home, run: (...args: string[]) => runBin(args, env) };
}

const missingCompose =
  spawnSync('docker', ['compose', 'version']).status === 0 ? undefined : 'there is no docker compose on the PATH';
const helm = process.env.AGENTS_LLM_TEST_HELM ?? 'helm';
const missingHelm = spawnSync(helm, ['version']).status === 0 ? undefined : 'there is no helm on the PATH';
/** A folder with folders `litellm` and `litellm-helm`. */
const charts = process.env.AGENTS_LLM_TEST_HELM_CHARTS ?? '';
const missingChart = (chart: string) =>
  existsSync(join(charts, chart, 'Chart.yaml')) ? missingHelm : `AGENTS_LLM_TEST_HELM_CHARTS has no chart ${chart}`;

describe.each([['compose'], ['helm', '--database-host', 'pg']])('export %s', (...target) => {
  it('prints only the file, without secrets unless a flag asks for them', async () => {
    const { run } = await stack();
    const [text, json, secrets] = await Promise.all([
      run('-p', 'two', 'export', ...target),
      run('-p', 'two', 'export', ...target, '--json'),
      run('-p', 'two', 'export', ...target, '--reveal', '--json'),
    ]);
    expect([text.code, json.code, secrets.code]).toEqual([0, 0, 0]);
    const files = JSON.parse(json.stdout).data.files;
    expect(files).toMatchObject([
      { path: null, secret: false, text: text.stdout },
      { path: null, secret: true, text: null },
    ]);
    expect(text.stdout + text.stderr + json.stdout + json.stderr).not.toContain(MASTER_KEY);
    expect(JSON.parse(secrets.stdout).data.files[1].text).toContain(MASTER_KEY);
  });

  it('ends with 10 before the first up, in text and in JSON', async () => {
    const { run } = await stack();
    const [text, json] = await Promise.all([
      run('-p', 'three', 'export', ...target),
      run('-p', 'three', 'export', ...target, '--json'),
    ]);
    expect(text).toEqual({
      code: 10,
      stdout: '',
      stderr: 'error: No stack exists yet\nhint: Create it: agents-llm -p three up\n',
    });
    expect(json.code).toBe(10);
    expect(JSON.parse(json.stdout).error).toMatchObject({
      code: 'not_running',
      hint: 'Create it: agents-llm -p three up',
    });
  });
});

it.each([
  ['--database-host', 'a b', 'A host is a name'],
  ['--namespace', 'Not_One', 'A namespace has lower-case letters'],
  ['--chart', 'mine', 'Allowed choices are litellm-helm, litellm'],
])('refuses %s "%s"', async (flag, value, message) => {
  const { run } = await stack();
  const result = await run('-p', 'two', 'export', 'helm', flag, value);
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});

itUnless(missingCompose)('prints a file that Compose accepts with its .env and rejects without it', async () => {
  const { home, run } = await stack();
  const folder = join(home, 'out');
  await run('-p', 'two', 'export', 'compose', '-o', folder);
  const compose = (...files: string[]) =>
    spawnSync('docker', ['compose', '-f', join(folder, 'docker-compose.yml'), ...files, 'config', '-q'], {
      cwd: home,
      encoding: 'utf8',
    });
  expect(compose()).toMatchObject({ status: 0, stderr: '' });
  const without = compose('--env-file', '/dev/null');
  expect(without.status).not.toBe(0);
  expect(without.stderr).toContain('is missing in .env');
});

/** The one Deployment that Helm makes of the exported values. */
async function rendered(chart: string) {
  const { home, run } = await stack();
  const folder = join(home, 'out');
  await run('-p', 'two', 'export', 'helm', '--chart', chart, '-o', folder, '--database-host', 'pg.internal');
  const values = join(folder, 'values.yaml');
  const text = execFileSync(helm, ['template', 'litellm', join(charts, chart), '-f', values], { encoding: 'utf8' });
  const documents = parseAllDocuments(text).map((each) => each.toJS());
  const deployments = documents.filter((each) => each?.kind === 'Deployment');
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['litellm']);
  const [container] = deployments[0].spec.template.spec.containers;
  const secretOf = (name: string) =>
    container.env.find((each: { name: string }) => each.name === name).valueFrom.secretKeyRef;
  return { documents, container, secretOf };
}

describe.each(['litellm-helm', 'litellm'])('the chart %s', (chart) => {
  itUnless(missingChart(chart))('renders a Deployment and a Job from the values', async () => {
    const { documents, container, secretOf } = await rendered(chart);
    expect(container.image).toBe('ghcr.io/berriai/litellm:v1.108.11');
    expect(container.envFrom).toContainEqual({ secretRef: { name: 'two' } });
    expect(secretOf('PROXY_MASTER_KEY')).toEqual({ name: 'two', key: 'LITELLM_MASTER_KEY' });
    expect(secretOf('DATABASE_PASSWORD')).toEqual({ name: 'two-database', key: 'password' });
    expect(container.env).toContainEqual({ name: 'DATABASE_HOST', value: 'pg.internal' });
    expect(container.env).toContainEqual({ name: 'STORE_MODEL_IN_DB', value: 'True' });
    const job = documents.find((each) => each?.kind === 'Job');
    expect(job.metadata.annotations['helm.sh/hook']).toContain('pre-upgrade');
  });
});
