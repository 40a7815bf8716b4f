import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngineBed, type EngineBed } from './support/engine-bed.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { PROGRAMS } from './support/query-engine.ts';
import { describeOn, onNative } from './support/stack-under-test.ts';

const run = promisify(execFile);

describeOn(onNative)('the Python client on the query engine', () => {
  let bed: EngineBed;
  let before: ReturnType<typeof snapshot>;

  beforeAll(async () => {
    before = snapshot();
    bed = await createEngineBed();
    expect(await bed.prisma(['migrate', 'deploy'])).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    await bed?.dispose();
    expectNoLeaks(before);
  });

  it('is generated for a schema, starts the engine and returns the same as the native one', async () => {
    const { python } = bed.environment;
    const schema = join(bed.folder, 'schema.prisma');
    await run(process.execPath, [join(PROGRAMS, 'generate-client.cjs'), python, schema, bed.folder]);
    const env = {
      PATH: process.env.PATH,
      // As in run_proxy.py: guarded_engine.py is in the same folder.
      PYTHONPATH: `${bed.folder}:${PROGRAMS}`,
      HOME: bed.folder,
      PYTHONDONTWRITEBYTECODE: '1',
      AGENTS_LLM_NODE: process.execPath,
      DATABASE_URL: `${bed.db.url}?connection_limit=10&pool_timeout=60`,
      PRISMA_QUERY_ENGINE_BINARY: join(PROGRAMS, 'bin', 'query-engine'),
    };
    const { stdout, stderr } = await run(python, [join(bed.folder, 'exercise.py')], { cwd: bed.folder, env });
    expect(stderr).toBe('');
    const said = Object.assign(
      {},
      ...stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    expect(said).toEqual({
      same: true,
      kept: Array.from({ length: 10 }, () => true),
      found: 1,
      sum: [{ flag: true, _sum: { big: '9223372036854775807' }, _count: { _all: 1 } }],
      author: ['CROSS', [['t', [1]]]],
      deleted: 2,
      none: null,
      missing: null,
      raw: [{ same: true, big: 5, exact: 1.5, list: [1] }],
      executed: 1,
      unique: ['prisma.errors', 'UniqueViolationError', 'P2002'],
      record: ['prisma.errors', 'RecordNotFoundError', 'P2025'],
      foreign: ['prisma.errors', 'ForeignKeyViolationError', 'P2003'],
      'raw error': ['prisma.errors', 'RawQueryError', 'P2010'],
      field: ['prisma.errors', 'FieldNotFoundError', 'P2009'],
      value: ['prisma.errors', 'MissingRequiredValueError', 'P2009'],
      expired: ['prisma.errors', 'TransactionExpiredError', null],
      'expired at its end': ['prisma.engine.errors', 'UnprocessableEntityError', null],
      names: ['a', 'committed', 'batched', 'batched too'],
      many: 200,
    });
    const connections = `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    await expect.poll(() => bed.db.sql(connections)).toEqual([]);
  });

  it('leaves no folder of the engine behind, also when it is stopped before one exists', async () => {
    const env = { PATH: process.env.PATH, HOME: bed.folder, PYTHONPATH: PROGRAMS, PYTHONDONTWRITEBYTECODE: '1' };
    const script =
      'import guarded_engine as g, os, time; print(g.FOLDER, flush=True); os.kill(os.getpid(), 15); time.sleep(9)';
    const ended = await run(bed.environment.python, ['-c', script], { cwd: bed.folder, env }).catch((error) => error);
    expect(ended).toMatchObject({ signal: 'SIGTERM', stdout: expect.stringContaining(`${bed.folder}/query-engine-`) });
    expect(existsSync(ended.stdout.trim())).toBe(false);
  });

  it('reports why it is not generated for an invalid schema', async () => {
    const schema = join(bed.folder, 'broken.prisma');
    writeFileSync(
      schema,
      'datasource client {\n  provider = "postgresql"\n  url = ""\n}\n\nmodel A {\n  id Nope @id\n}\n',
    );
    const args = [join(PROGRAMS, 'generate-client.cjs'), bed.environment.python, schema, join(bed.folder, 'nothing')];
    const failed = await run(process.execPath, args).catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*"Nope"/) });
    expect(failed.stderr.length).toBeLessThan(1000);
  });
});
