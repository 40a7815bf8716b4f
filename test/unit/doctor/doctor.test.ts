import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CheckId } from '../../../src/doctor/check-id.ts';
import { CHECKS } from '../../../src/doctor/checks.ts';
import type { FindingStatus } from '../../../src/doctor/finding.ts';
import { processPlace } from '../../../src/io/processes/process-place.ts';
import { keyHash } from '../../../src/litellm/admin/keys.ts';
import { keptKeys } from '../../../src/litellm/keys/kept-keys.ts';
import { CliError, ERRORS, type ErrorCode } from '../../../src/model/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type DoctorWorld, doctorWorld, NOW } from '../../support/doctor-world.ts';
import type { serviceState } from '../../support/service-state.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Case {
  readonly what: string;
  readonly id: CheckId;
  readonly break: (world: DoctorWorld) => unknown;
  readonly status: FindingStatus;
  /** Of `fail`. */
  readonly code?: ErrorCode;
  readonly seen: RegExp;
  readonly fix: RegExp;
  /** Others that cannot help saying something too. */
  readonly also?: readonly CheckId[];
}

const error = (code: ErrorCode) => async () => {
  throw new CliError(code, `the message of ${code}`, { hint: `the hint of ${code}` });
};
const thrown = (code: ErrorCode) =>
  ({
    status: 'fail',
    code,
    seen: new RegExp(`^the message of ${code}$`),
    fix: new RegExp(`^the hint of ${code}$`),
  }) as const;
const change = (world: DoctorWorld, index: 0 | 1, changes: Parameters<typeof serviceState>[0]) => {
  world.services = world.services.map((service, i) => (i === index ? { ...service, ...changes } : service));
};
const stopAll = (world: DoctorWorld) => {
  for (const index of [0, 1] as const) change(world, index, { status: 'exited', health: 'none' });
  if (world.state) world.state.port = 9;
};
const setSecret = (world: DoctorWorld, name: string, value: string) => {
  world.secrets = { ...world.secrets, [name]: value };
};
const day = 86_400_000;
const owner = (pid: number) => JSON.stringify({ pid, identity: 'start', command: 'up', since: 'then', token: 't' });
const native: NonNullable<DoctorWorld['native']> = {
  kind: 'native',
  python: async () => ({ executable: '/usr/bin/python3', version: '3.12.1' }),
  dataFolder: async () => ({ path: '/data', mode: 0o700 }),
};

/** A server that takes the place of the proxy at its port. */
async function serve(world: DoctorWorld, status: number, body: string, type = 'text/plain'): Promise<void> {
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  if (world.state) world.state.port = port;
  change(world, 1, { published: { bind: '127.0.0.1', port } });
}

const CASES: readonly Case[] = [
  {
    what: 'a file that is not allowed for the stack',
    id: 'config-file',
    break: (world) => world.write('../agents-llm.yaml', 'name: shop\n'),
    status: 'warn',
    seen: /^agents-llm\.yaml is not allowed for this stack yet, so up asks first$/,
    fix: /^See what it would change: agents-llm apply --dry-run$/,
  },
  {
    what: 'an old Node',
    id: 'node',
    break: (world) => {
      world.context.nodeVersion = '20.18.9';
    },
    status: 'fail',
    code: 'node_too_old',
    seen: /Node 20\.18\.9 is too old/,
    fix: /nodejs\.org/,
  },
  {
    what: 'an engine with little memory',
    id: 'memory',
    break: (world) => {
      world.engine.memory = 0.9e9;
    },
    status: 'fail',
    code: 'memory_low',
    seen: /900\.0 MB of memory, but the gateway alone needs 1 GB/,
    fix: /Settings/,
  },
  {
    what: 'a full disk',
    id: 'disk',
    break: (world) => {
      world.context.files = { ...world.invocation().context.files, freeBytes: async () => 5e7 };
    },
    status: 'fail',
    code: 'state_full',
    seen: /50\.0 MB free/,
    fix: /Free disk space/,
  },
  {
    what: 'a proxy variable',
    id: 'proxy-variables',
    break: (world) => {
      world.context.env = { ...world.invocation().context.env, HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'corp' };
    },
    status: 'warn',
    seen: /HTTP_PROXY would send requests for 127\.0\.0\.1 to an HTTP proxy/,
    fix: /export NO_PROXY=corp,127\.0\.0\.1,localhost/,
  },
  {
    what: 'no docker command',
    id: 'docker-cli',
    break: (world) => {
      world.facts.cliVersion = error('docker_missing');
    },
    ...thrown('docker_missing'),
  },
  {
    what: 'an unknown context',
    id: 'context',
    break: (world) => {
      world.runtime = { endpoint: error('docker_context_unknown') };
    },
    ...thrown('docker_context_unknown'),
  },
  {
    what: 'another engine than the stack lives on',
    id: 'context',
    break: (world) => {
      world.engine = { ...world.engine, endpoint: 'unix:///other.sock', id: 'engine-2' };
      world.runtime = { endpoint: async () => 'unix:///other.sock' };
    },
    status: 'fail',
    code: 'engine_changed',
    seen: /This stack is on unix:\/\/\/docker\.sock/,
    fix: /DOCKER_HOST=unix/,
  },
  {
    what: 'an engine on another machine without TLS',
    id: 'context',
    break: (world) => {
      world.state = undefined;
      world.secrets = undefined;
      world.services = [];
      world.place = { ...world.place, volume: null };
      world.context.env = { DOCKER_HOST: 'tcp://10.0.0.5:2375' };
      world.context.http = { send: async () => ({ ok: false, code: 'ECONNREFUSED' }) };
      world.runtime = { endpoint: async () => 'tcp://10.0.0.5:2375' };
    },
    status: 'warn',
    seen: /^The connection to the Docker engine at tcp:\/\/10\.0\.0\.5:2375 is not encrypted/,
    fix: /^Connect by SSH: docker context create remote --docker host=ssh:\/\/USER@10\.0\.0\.5$/,
  },
  {
    what: 'an engine that is down',
    id: 'engine',
    break: (world) => {
      world.facts.engine = error('engine_unreachable');
    },
    ...thrown('engine_unreachable'),
  },
  {
    what: 'a Compose that is too old',
    id: 'compose',
    break: (world) => {
      world.facts.composeVersion = error('compose_too_old');
    },
    ...thrown('compose_too_old'),
  },
  {
    what: 'a Compose with known defects',
    id: 'compose',
    break: (world) => {
      world.facts.composeVersion = async () => '2.26.1-4';
    },
    status: 'warn',
    seen: /control characters.*--wait/,
    fix: /Update/,
  },
  {
    what: 'an engine whose clock is behind',
    id: 'clock',
    break: (world) => {
      world.engine.time = NOW - 120_000;
    },
    status: 'fail',
    code: 'clock_skewed',
    seen: /2 min behind/,
    fix: /timedatectl/,
  },
  {
    what: 'no Python',
    id: 'python',
    break: (world) => {
      world.native = { ...native, python: error('python_missing') };
    },
    ...thrown('python_missing'),
  },
  {
    what: 'data of another PostgreSQL',
    id: 'data-folder',
    break: (world) => {
      world.native = { ...native, dataFolder: error('data_replaced') };
    },
    ...thrown('data_replaced'),
  },
  {
    what: 'a data directory that others may enter',
    id: 'data-folder',
    break: (world) => {
      world.native = { ...native, dataFolder: async () => ({ path: '/data', mode: 0o755 }) };
    },
    status: 'fail',
    code: 'database_failed',
    seen: /\/data has mode 0755/,
    fix: /doctor --fix/,
  },
  {
    what: 'an image that is gone',
    id: 'images',
    break: (world) => {
      world.runtime = { prepare: error('image_missing') };
    },
    ...thrown('image_missing'),
  },
  {
    what: 'a tag that means another image by now',
    id: 'image-digest',
    break: (world) => {
      world.runtime = { imageDigests: async ({ image }) => ({ [image]: 'sha256:2' }) };
    },
    status: 'warn',
    seen: /is now sha256:2 but was sha256:1/,
    fix: /docker pull .*v1\.108\.11@sha256:1/,
  },
  ...(
    [
      ['a stolen version', '1.82.7', 'fail', /thieves/],
      ['a vulnerable version', '1.83.0', 'fail', /CVE-2026-42208/],
      ['a version that needs the internet', '1.104.3', 'warn', /without internet/],
    ] as const
  ).map(
    ([what, version, status, seen]): Case => ({
      what,
      id: 'image-version',
      break: (world) => {
        stopAll(world);
        change(world, 1, { image: `ghcr.io/berriai/litellm:v${version}` });
      },
      status,
      ...(status === 'fail' && { code: 'version_refused' }),
      seen,
      fix: /agents-llm upgrade/,
      also: ['services'],
    }),
  ),
  {
    what: 'a state file that is cut off',
    id: 'state',
    break: async (world) => {
      world.state = undefined;
      await world.write('state.json', '{"schemaVersion":');
    },
    status: 'fail',
    code: 'state_invalid',
    seen: /state\.json cannot be used: it is incomplete/,
    fix: /mv /,
  },
  {
    what: 'a folder of another user',
    id: 'state',
    break: (world) => {
      world.context.uid = 1;
    },
    status: 'fail',
    code: 'state_not_ours',
    seen: /belongs to another user/,
    fix: /chown/,
  },
  {
    what: 'secrets that cannot be used',
    id: 'secrets',
    break: (world) => setSecret(world, 'LITELLM_MASTER_KEY', 'sk-1234'),
    status: 'fail',
    code: 'secrets_invalid',
    seen: /LITELLM_MASTER_KEY must not be sk-1234/,
    fix: /Correct that file/,
  },
  {
    what: 'secrets that are gone',
    id: 'secrets',
    break: (world) => {
      world.secrets = undefined;
    },
    status: 'fail',
    code: 'secrets_missing',
    seen: /\.env is missing, but agents-llm_litellm_pgdata contains data/,
    fix: /Restore that file from a backup/,
  },
  {
    what: 'files that others may read',
    id: 'file-modes',
    break: (world) => world.write('keys/agents-service.json', '{}', 0o644),
    status: 'fail',
    code: 'secrets_exposed',
    seen: /can read agents-service\.json \(0644\)/,
    fix: /doctor --fix/,
  },
  {
    what: 'files that others may use on Windows',
    id: 'file-modes',
    break: (world) => {
      const open = async (paths: readonly string[]) => paths.filter((path) => path.endsWith('.env'));
      world.context.accessLists = { close: async () => true, open };
    },
    status: 'fail',
    code: 'secrets_exposed',
    seen: /^Other users of this machine can use \.env in \S+$/,
    fix: /^Take their access away: agents-llm doctor --fix$/,
  },
  {
    what: 'a password of a manual',
    id: 'weak-secrets',
    break: (world) => setSecret(world, 'POSTGRES_PASSWORD', 'dbpassword9090'),
    status: 'warn',
    seen: /^Easy to guess: POSTGRES_PASSWORD$/,
    fix: /^Replace it: agents-llm rotate-db-password$/,
    also: ['secrets-drift'],
  },
  {
    what: 'the login of the manual',
    id: 'ui-login',
    break: (world) => setSecret(world, 'UI_PASSWORD', 'admin'),
    status: 'warn',
    seen: /^The UI password is well known: any user of this machine can log in/,
    fix: /^Generate a password: agents-llm up --ui-password generate$/,
  },
  {
    what: 'a short password of the UI',
    id: 'ui-login',
    break: (world) => setSecret(world, 'UI_PASSWORD', 'x7-q2'),
    status: 'warn',
    seen: /^The UI password has fewer than 8 characters/,
    fix: /^Generate a password: agents-llm up --ui-password generate$/,
  },
  {
    what: 'the default login for the whole network',
    id: 'ui-login',
    break: (world) => {
      if (world.state) world.state.bind = '0.0.0.0';
      setSecret(world, 'UI_PASSWORD', 'admin');
    },
    status: 'fail',
    code: 'bind_needs_password',
    seen: /opens the UI to the network/,
    fix: /--ui-password generate/,
    also: ['bind'],
  },
  {
    what: 'a salt key of other data',
    id: 'secrets-drift',
    break: (world) => setSecret(world, 'LITELLM_SALT_KEY', '00112233445566778899'),
    status: 'fail',
    code: 'secrets_changed',
    seen: /LITELLM_SALT_KEY in .* does not match the data of this stack/,
    fix: /Restore the old value/,
  },
  {
    what: 'a restore that was cut off',
    id: 'unfinished',
    break: (world) => world.write('.env.before-restore', ''),
    status: 'warn',
    seen: /^A restore was interrupted$/,
    fix: /agents-llm up/,
  },
  {
    what: 'a rotation that was cut off',
    id: 'unfinished',
    break: ({ state }) => {
      if (state?.fingerprints)
        state.fingerprints = { ...state.fingerprints, masterKey: [...state.fingerprints.masterKey, 'x'] };
    },
    status: 'warn',
    seen: /^A rotation was interrupted$/,
    fix: /agents-llm up/,
  },
  {
    what: 'a lock of a process that is gone',
    id: 'lock',
    break: (world) => world.write('lock', owner(99)),
    status: 'warn',
    seen: /process 99 \("up"\)/,
    fix: /doctor --fix/,
  },
  {
    what: 'another stack with the same port',
    id: 'other-stacks',
    break: async (world) => {
      await world.write('../two/state.json', JSON.stringify({ ...world.state, project: 'two' }));
    },
    status: 'warn',
    seen: /two \(docker, port \d+\): only one stack at a time can use port/,
    fix: /up --port \d+/,
  },
  {
    what: 'plain HTTP for the network',
    id: 'bind',
    break: (world) => {
      if (world.state) world.state.bind = '192.168.1.5';
      setSecret(world, 'UI_PASSWORD', 'a-long-password');
    },
    status: 'warn',
    seen: /192\.168\.1\.5 uses plain HTTP/,
    fix: /HTTPS/,
  },
  {
    what: 'a gateway that every web page may read',
    id: 'web-origins',
    break: (world) => Object.assign(world.services[1] ?? {}, { corsOrigins: undefined }),
    status: 'warn',
    seen: /^Web pages of every origin can read the answers of the gateway$/,
    fix: /^Restrict the origins: agents-llm up$/,
  },
  {
    what: 'an origin that the gateway does not know yet',
    id: 'web-origins',
    break: (world) => {
      if (world.state) world.state.corsOrigins = ['https://app.lan'];
    },
    status: 'warn',
    seen: /^The gateway does not allow these origins yet: https:\/\/app\.lan$/,
    fix: /^Restart it with them: agents-llm up$/,
  },
  {
    what: 'a certificate that has expired',
    id: 'certificate',
    break: (world) => {
      stopAll(world);
      if (!world.state) return;
      world.state.tls = {
        ...{ proxy: 'nginx', host: 'llm.lan', bind: '127.0.0.1', httpsPort: 443, httpPort: 80, image: 'nginx:1' },
        ...{ expires: '2025-12-31T00:00:00Z', fingerprint: 'AA', revision: 'r1' },
      };
    },
    status: 'fail',
    code: 'certificate_expired',
    seen: /The certificate for llm\.lan expired on 2025-12-31/,
    fix: /agents-llm up/,
    also: ['services'],
  },
  {
    what: 'a port that another program has',
    id: 'port',
    break: (world) => {
      stopAll(world);
      const { context } = world.invocation();
      world.context.ports = { ...context.ports, probe: async (_, port) => (port === 9 ? 'taken' : 'free') };
      const holder = { name: 'process 77 (nginx)', stop: 'Stop it: kill 77' };
      world.runtime = { portHolder: async () => holder };
    },
    status: 'fail',
    code: 'port_taken',
    seen: /Port 9 on 127\.0\.0\.1 is already in use by process 77 \(nginx\)/,
    fix: /kill 77[\s\S]*up --port 10/,
    also: ['services'],
  },
  {
    what: 'a stranger at the port of a proxy that does not run',
    id: 'responder',
    break: async (world) => {
      stopAll(world);
      await serve(world, 200, 'hello');
    },
    status: 'fail',
    code: 'port_taken',
    seen: /Another program answers at .* \(HTTP 200, text\/plain.*\), but this stack is not running/,
    fix: /--port/,
    also: ['services'],
  },
  {
    what: 'another LiteLLM at the port of a proxy that does not run',
    id: 'responder',
    break: async (world) => {
      stopAll(world);
      await serve(world, 200, '{"db":"connected"}', 'application/json');
    },
    status: 'fail',
    code: 'port_taken',
    seen: /Another LiteLLM answers/,
    fix: /--port/,
    also: ['services'],
  },
  {
    what: 'a stranger in the place of the proxy that runs',
    id: 'responder',
    break: (world) => serve(world, 200, '<html>', 'text/html'),
    status: 'fail',
    code: 'not_litellm',
    seen: /^Another program answers on port \d+: HTTP 200, text\/html/,
    fix: /--port/,
  },
  {
    what: 'a database that is published',
    id: 'database-port',
    break: (world) => change(world, 0, { published: { bind: '0.0.0.0', port: 5432 } }),
    status: 'fail',
    code: 'database_exposed',
    seen: /published on 0\.0\.0\.0:5432, so the whole network can connect/,
    fix: /restart litellm-db/,
  },
  {
    what: 'a service that ended',
    id: 'services',
    break: (world) => change(world, 1, { status: 'exited', exitCode: 3, health: 'none' }),
    status: 'fail',
    code: 'service_failed',
    seen: /litellm exited with code 3/,
    fix: /agents-llm logs litellm/,
    also: ['responder'],
  },
  {
    what: 'a stack that was stopped',
    id: 'services',
    break: stopAll,
    status: 'warn',
    seen: /is not running/,
    fix: /agents-llm up/,
  },
  {
    what: 'a proxy that is not ready',
    id: 'readiness',
    break: (world) => serve(world, 503, 'not yet'),
    status: 'fail',
    code: 'not_ready',
    seen: /answers HTTP 503 and is not ready yet/,
    fix: /agents-llm up/,
  },
  {
    what: 'a proxy that hangs up',
    id: 'readiness',
    break: (world) => change(world, 1, { published: { bind: '127.0.0.1', port: 9 } }),
    status: 'fail',
    code: 'not_ready',
    seen: /does not answer \(ECONNREFUSED\)/,
    fix: /logs litellm/,
  },
  {
    what: 'a master key that the proxy refuses',
    id: 'master-key',
    break: ({ fake }) => {
      fake.faults.refuses = true;
    },
    status: 'fail',
    code: 'key_refused',
    seen: /rejects the master key of this stack/,
    fix: /agents-llm restart litellm/,
  },
  {
    what: 'a proxy without its database',
    id: 'database',
    break: ({ fake }) => {
      fake.faults.databaseLost = true;
    },
    status: 'fail',
    code: 'database_lost',
    seen: /lost its database/,
    fix: /logs litellm-db/,
  },
  {
    what: 'a database that fails',
    id: 'database',
    break: async (world) => {
      world.database.broken = await error('database_failed')().catch((reason) => reason);
    },
    ...thrown('database_failed'),
  },
  {
    what: 'a large request log that nothing ends',
    id: 'database-size',
    break: ({ database }) => {
      database.size = { ...database.size, logBytes: 3e9, logRetention: null };
    },
    status: 'warn',
    seen: /request log 3\.0 GB, and old requests are never deleted/,
    fix: /maximum_spend_logs_retention_period: 30d .*: agents-llm up$/,
  },
  {
    what: 'a volume that is gone',
    id: 'volume',
    break: (world) => {
      world.place.volume = null;
    },
    status: 'fail',
    code: 'data_gone',
    seen: /with the data of this stack no longer exists/,
    fix: /restore latest/,
  },
  {
    what: 'a volume that others use',
    id: 'volume',
    break: (world) => {
      world.place.sharedWith = ['container web of project shop'];
    },
    status: 'fail',
    code: 'data_replaced',
    seen: /container web of project shop also uses/,
    fix: /restart litellm-db/,
  },
  {
    what: "a role of LiteLLM's with all rights",
    id: 'database',
    break: (world) => {
      world.database.isSuperuser = true;
    },
    status: 'warn',
    seen: /database role is a superuser/,
    fix: /Repair its roles: agents-llm up/,
  },
  {
    what: "a role of LiteLLM's with all rights, in a database of the user's",
    id: 'database',
    break: (world) => {
      world.database.isSuperuser = true;
      world.place = { ...world.place, external: true };
    },
    status: 'warn',
    seen: /database role is a superuser/,
    fix: /is not a superuser: agents-llm up --database-url-from-env VAR/,
  },
  {
    what: 'the data of another stack',
    id: 'data-identity',
    break: (world) => {
      world.database.id = 'another-id';
    },
    status: 'fail',
    code: 'data_replaced',
    seen: /contains data from another stack/,
    fix: /up --adopt/,
  },
  {
    what: 'rows that LiteLLM does not show',
    id: 'readable',
    break: (world) => {
      world.database.losesKeys = true;
    },
    status: 'fail',
    code: 'data_lost',
    seen: /key hidden is unreadable/,
    fix: /restore latest/,
  },
  {
    what: 'a kept key that went without a trace',
    id: 'readable',
    break: (world) => keepKey(world, 'lost'),
    status: 'fail',
    code: 'data_lost',
    seen: /^key lost is lost: it is saved on this machine, .* \(key revoke lost removes the saved copy\)$/,
    fix: /restore latest/,
  },
  {
    what: 'a kept key that was deleted in LiteLLM',
    id: 'saved-keys',
    break: async (world) => {
      world.database.deleted.push(await keepKey(world, 'of-the-ui'));
    },
    status: 'warn',
    seen: /^The saved virtual key of-the-ui was deleted in LiteLLM$/,
    fix: /^Create a new one: agents-llm provision-key --alias of-the-ui, or remove the saved copy: agents-llm key revoke of-the-ui$/,
  },
  {
    what: 'a kept key that LiteLLM has made anew',
    id: 'saved-keys',
    break: (world) => keepKey(world, 'agents-service'),
    status: 'warn',
    seen: /^The saved virtual key agents-service was replaced in LiteLLM$/,
    fix: /^Create a new one: agents-llm provision-key --alias agents-service --rotate$/,
  },
  {
    what: 'an alias whose provider is gone',
    id: 'alias-credentials',
    break: ({ fake }) => {
      delete fake.state.credentials.openai;
    },
    status: 'fail',
    code: 'provider_unknown',
    seen: /gpt-5 uses provider openai, which does not exist/,
    fix: /^Add it: agents-llm provider add openai --provider openai --from-env OPENAI_API_KEY$/,
  },
  {
    what: 'an alias of two rows',
    id: 'alias-rows',
    break: ({ fake }) => {
      fake.state.models.push({ id: 'n', name: 'gpt-5', params: {}, live: true });
    },
    status: 'warn',
    seen: /gpt-5 has 2 targets/,
    fix: /alias add/,
  },
  {
    what: 'an alias that answers with a mock',
    id: 'mock-aliases',
    break: ({ fake }) => {
      fake.state.models.push({ id: 'm', name: 'ci', params: { mock_response: 'pong' }, live: true });
    },
    status: 'warn',
    seen: /^ci answers with a mock instead of a model$/,
    fix: /alias add ci --target MODEL/,
  },
  {
    what: 'keys that expire soon',
    id: 'expiring-keys',
    break: ({ fake }) => {
      const managed_by = 'agents-llm';
      fake.addKey({ key_alias: 'soon', expires: new Date(NOW + 2 * day).toISOString(), metadata: { managed_by } });
      fake.addKey({ key_alias: 'gone', expires: new Date(NOW - day).toISOString() });
      fake.addKey({ key_alias: 'ui', expires: new Date(NOW + day).toISOString(), team_id: 'litellm-dashboard' });
    },
    status: 'warn',
    seen: /^gone expired 1 d ago, soon expires in 2 d$/,
    fix: /agents-llm provision-key --alias soon --rotate/,
  },
  {
    what: 'a key of a process that is gone',
    id: 'orphaned-keys',
    break: async ({ fake }) => {
      const { namespace, boot } = await processPlace();
      const mark = { host: hostname(), namespace, boot, pid: 99, started: 'then' };
      const expires = new Date(NOW + day).toISOString();
      fake.addKey({
        key_alias: 'agents-99',
        expires,
        metadata: { managed_by: 'agents-llm', agents_llm_process: mark },
      });
    },
    status: 'warn',
    seen: /left these keys: agents-99/,
    fix: /agents-llm key revoke agents-99/,
  },
  {
    what: 'canaries that were left',
    id: 'canaries',
    break: ({ fake }) =>
      void fake.addKey({ key_alias: 'agents-llm-canary-1', expires: new Date(NOW + day).toISOString() }),
    status: 'warn',
    seen: /verify-persistence left these test rows: agents-llm-canary-1/,
    fix: /doctor --fix/,
  },
];

/** Keeps a key that LiteLLM does not have, and gives its hash. */
async function keepKey(world: DoctorWorld, alias: string): Promise<string> {
  const key = new Secret(`sk-kept-${alias}-0123456789`);
  const { context, settings } = world.invocation();
  await keptKeys(context.files, settings.paths.keys, { url: world.fake.url, own: true }).write(alias, key);
  return keyHash(key);
}

const sick = (checks: readonly { id: CheckId; status: FindingStatus }[]) =>
  checks.filter(({ status }) => status === 'warn' || status === 'fail').map(({ id }) => id);

test('reports no problem on a healthy stack and changes nothing', async () => {
  const world = await doctorWorld();
  const { data, exitCode, warnings } = await world.doctor();
  expect(sick(data.checks)).toEqual([]);
  expect(data.checks.filter(({ status }) => status === 'skip').map(({ id }) => id)).toEqual([
    'python',
    'data-folder',
    'advisories',
    'config-file',
    'certificate',
    'provider-hosts',
  ]);
  expect(data).toMatchObject({ project: 'agents-llm', runtime: 'docker', worst: null, fixed: [] });
  expect([exitCode, warnings]).toEqual([0, []]);
  expect(world.fake.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect((await readdir(world.folder)).sort()).toEqual(['.env', 'state.json']);
});

test('reports no problem on a native stack and skips the Docker checks', async () => {
  const world = await doctorWorld();
  world.native = native;
  if (world.state) world.state.runtime = 'native';
  const { data } = await world.doctor();
  expect(sick(data.checks)).toEqual([]);
  const skipped = data.checks.filter(({ status }) => status === 'skip').map(({ id }) => id);
  expect(skipped).toEqual([
    'docker-cli',
    'context',
    'engine',
    'compose',
    'clock',
    'advisories',
    'config-file',
    'certificate',
    'database-port',
    'provider-hosts',
  ]);
});

test('reports no problem before the first up', async () => {
  const world = await doctorWorld();
  Object.assign(world, { state: undefined, secrets: undefined, services: [] });
  world.place = { volume: null, mounted: null, sharedWith: [] };
  world.context.http = { send: async () => ({ ok: false, code: 'ECONNREFUSED' }) };
  const { data, exitCode } = await world.doctor();
  expect([sick(data.checks), exitCode]).toEqual([[], 0]);
});

describe('every check', () => {
  test.each(CASES)('fails alone, $id: $what', async ({ id, break: change, status, code, seen, fix, also = [] }) => {
    const world = await doctorWorld();
    await change(world);
    const { data, exitCode } = await world.doctor();
    const found = data.checks.find((check) => check.id === id);
    expect(found).toMatchObject({ id, status, code: code ?? null });
    expect(found?.seen).toMatch(seen);
    expect(found?.fix).toMatch(fix);
    expect(sick(data.checks).filter((other) => !also.includes(other))).toEqual([id]);
    if (also.length === 0) expect(exitCode).toBe(code ? ERRORS[code].exit : 0);
    for (const secret of Object.values(world.secrets ?? {}).filter((value) => value.length >= 12)) {
      expect(JSON.stringify(data)).not.toContain(secret);
    }
  });

  test('has a case here or in a test of its own', () => {
    const elsewhere: readonly CheckId[] = ['advisories', 'connected-agents', 'provider-hosts'];
    const others = CHECKS.map(({ id }) => id).filter((id) => !elsewhere.includes(id));
    expect([...new Set(CASES.map(({ id }) => id))].sort()).toEqual(others.sort());
  });
});

test('reports a check that throws as one failure and runs the others', async () => {
  const world = await doctorWorld();
  world.runtime = {
    imageDigests: async () => {
      throw new TypeError('a defect');
    },
  };
  const { data, exitCode } = await world.doctor();
  expect(sick(data.checks)).toEqual(['image-digest']);
  expect(data.checks.find(({ id }) => id === 'image-digest')).toMatchObject({ code: 'unexpected', seen: 'a defect' });
  expect(exitCode).toBe(1);
});

test('queries the data that several checks share only once', async () => {
  const world = await doctorWorld();
  const looks: string[] = [];
  const counted = async <Seen>(name: string, seen: Seen) => {
    looks.push(name);
    return seen;
  };
  world.runtime = { services: () => counted('services', world.services) };
  world.facts.engine = () => counted('engine', world.engine);
  await world.doctor();
  expect(looks.sort()).toEqual(['engine', 'services']);
  const asked = world.fake.seen.map(({ path, query }) =>
    path === '/key/list' ? `${path}?${query.get('size')}` : path,
  );
  expect(asked.sort()).toEqual([...new Set(asked)].sort());
});

test('stops all checks when interrupted', async () => {
  const world = await doctorWorld();
  const reason = new CliError('interrupted', 'interrupted');
  world.context.signal = AbortSignal.abort(reason);
  await expect(world.doctor()).rejects.toBe(reason);
});

test('takes the exit code from the worst failure: data, then Docker, then the rest', async () => {
  const world = await doctorWorld();
  world.facts.composeVersion = error('compose_too_old');
  await world.write('keys/a.json', '{}', 0o644);
  expect(await world.doctor()).toMatchObject({ exitCode: 5, data: { worst: 'compose_too_old' } });
  setSecret(world, 'LITELLM_SALT_KEY', '00112233445566778899');
  expect(await world.doctor()).toMatchObject({ exitCode: 9, data: { worst: 'secrets_changed' } });
});

describe('--fix', () => {
  test('closes files, removes stale locks and canaries, and reports it', async () => {
    const world = await doctorWorld();
    await world.write('keys/a.json', '{}', 0o644);
    await world.write('lock', owner(99));
    await world.write(`lock.${'a'.repeat(32)}`, owner(98));
    world.fake.addKey({ key_alias: 'agents-llm-canary-1' });
    const before = structuredClone(world.fake.state.keys).slice(0, 1);
    const { data, exitCode, warnings } = await world.doctor({ fix: true });
    expect(data.fixed.map(({ id }) => id)).toEqual(['file-modes', 'lock', 'canaries']);
    expect(data.fixed.map(({ did }) => did)).toEqual([
      `Removed access of other users to ${join(world.folder, 'keys', 'a.json')}`,
      'Removed the locks of ended processes',
      'Removed 1 test row of verify-persistence',
    ]);
    expect([sick(data.checks), exitCode, warnings]).toEqual([[], 0, []]);
    expect((await stat(join(world.folder, 'keys', 'a.json'))).mode & 0o777).toBe(0o600);
    expect((await readdir(world.folder)).sort()).toEqual(['.env', 'keys', 'state.json']);
    expect(world.fake.state.keys).toEqual(before);
  });

  describe('on Windows', () => {
    async function fixed(isClosable: boolean) {
      const world = await doctorWorld();
      let isOpen = true;
      world.context.accessLists = {
        open: async (paths) => (isOpen ? paths.slice(0, 1) : []),
        close: async (folder) => {
          if (isClosable) isOpen = folder !== world.folder;
          return isClosable;
        },
      };
      const { data, warnings } = await world.doctor({ fix: true });
      return { world, fixed: data.fixed, sick: sick(data.checks), warnings };
    }

    test('closes the folder with its access list', async () => {
      const { world, ...done } = await fixed(true);
      const did = `Removed access of other users to ${world.folder}`;
      expect(done).toEqual({ fixed: [{ id: 'file-modes', did }], sick: [], warnings: [] });
    });

    test('reports when the access list cannot be changed', async () => {
      const { world, ...done } = await fixed(false);
      expect(done).toEqual({
        fixed: [],
        sick: ['file-modes'],
        warnings: [`Could not fix file-modes: The access list of ${world.folder} cannot be changed`],
      });
    });

    test('skips the check when access lists cannot be read', async () => {
      const world = await doctorWorld();
      world.context.accessLists = { open: async () => undefined, close: async () => true };
      const { data } = await world.doctor();
      expect(data.checks.find(({ id }) => id === 'file-modes')).toMatchObject({
        status: 'skip',
        seen: 'Cannot read the access lists of files',
      });
    });
  });

  test('restricts the data directory to its owner', async () => {
    const world = await doctorWorld();
    const path = join(await temporaryFolder(), 'pgdata');
    await mkdir(path, { mode: 0o755 });
    world.native = { ...native, dataFolder: async () => ({ path, mode: (await stat(path)).mode & 0o777 }) };
    const { data } = await world.doctor({ fix: true });
    expect(data.fixed).toEqual([{ id: 'data-folder', did: `Removed access of other users to ${path}` }]);
    expect([sick(data.checks), (await stat(path)).mode & 0o777]).toEqual([[], 0o700]);
  });

  test('changes nothing and takes no lock when nothing is wrong', async () => {
    const world = await doctorWorld();
    const { data } = await world.doctor({ fix: true });
    expect([data.fixed, sick(data.checks)]).toEqual([[], []]);
  });

  test('keeps the lock and the canaries of a running command', async () => {
    const world = await doctorWorld();
    world.alive.add(99);
    await world.write('lock', owner(99));
    world.fake.addKey({ key_alias: 'agents-llm-canary-1' });
    const { data } = await world.doctor({ fix: true });
    expect(data.checks.find(({ id }) => id === 'lock')?.seen).toContain('process 99');
    expect(data.checks.find(({ id }) => id === 'canaries')?.status).toBe('skip');
    expect(data.fixed).toEqual([]);
    expect(world.fake.state.keys).toHaveLength(2);
  });

  test('continues when one fix fails, and says why', async () => {
    const world = await doctorWorld();
    await world.write('keys/a.json', '{}', 0o644);
    await writeFile(join(world.folder, 'lock'), owner(99));
    const { files } = world.invocation().context;
    world.context.files = { ...files, chmod: async () => Promise.reject(new Error('EPERM: not allowed')) };
    const { data, exitCode, warnings } = await world.doctor({ fix: true });
    expect(data.fixed.map(({ id }) => id)).toEqual(['lock']);
    expect(warnings).toEqual(['Could not fix file-modes: EPERM: not allowed']);
    expect([sick(data.checks), exitCode]).toEqual([['file-modes'], 1]);
  });
});
