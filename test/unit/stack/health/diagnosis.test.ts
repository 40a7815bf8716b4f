import { expect, it } from 'vitest';
import { diagnose } from '../../../../src/stack/health/diagnosis.ts';

it.each([
  ['litellm', 'FATAL:  password authentication failed for user "litellm"', /rejected its password/],
  ['litellm', 'Put it in place of the current LITELLM_MASTER_KEY value', /LITELLM_MASTER_KEY is blank/],
  ['litellm', 'or set LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY', /LITELLM_MASTER_KEY is blank/],
  ['litellm', 'FATAL:  database "litellm" does not exist', /does not exist/],
  [
    'litellm',
    "P1001: Can't reach database server at `litellm-db:5432`. failed to resolve host 'litellm-db': [Errno -2] Name or service not known",
    /name of its database cannot be resolved/,
  ],
  ['litellm', "Error: P1001: Can't reach database server at `litellm-db`:`5432`", /cannot reach its database/],
  ['litellm', 'OSError: [Errno 28] No space left on device', /disk of the Docker engine is full/],
  ['litellm-db', 'FATAL:  could not write lock file: No space left on device', /disk of the Docker engine is full/],
  ['litellm-db', 'FATAL:  could not create lock file "postmaster.pid": Permission denied', /no permission to write/],
  ['litellm-db', 'FATAL:  could not open file "x": Read-only file system', /no permission to write/],
  ['litellm-db', 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', /an earlier server/],
  ['litellm', 'Error: P3018\n\nA migration failed to apply.', /a migration of its database failed/],
  ['litellm', 'Error: P3009\n\nmigrate found failed migrations', /failed earlier/],
  ['litellm', 'Error: P1002\nTimed out trying to acquire a postgres advisory lock', /holds the lock/],
  ['litellm', 'Error: P3018\ncould not extend file: No space left on device', /disk of the Docker engine is full/],
  ['litellm-db', 'FATAL:  database files are incompatible with server', /another major version/],
] as const)('recognises in the log of %s: %s', (service, log, cause) => {
  const found = diagnose(service, `INFO: starting\n${log}\nTraceback …`, 'docker');
  expect(found?.cause).toMatch(cause);
  expect(found?.fix).not.toBe('');
});

it.each(['litellm', 'litellm-db'] as const)(
  'does not mention Docker for a full disk of %s on the native runtime',
  (service) => {
    expect(diagnose(service, 'No space left on device', 'native')).toEqual({
      cause: 'the disk is full',
      fix: 'Free some disk space (df -h shows where), then run: agents-llm up',
    });
  },
);

it('says how to replace a file of the native query engine that it cannot load', () => {
  const log =
    '{"level":"error","message":"Cannot load /home/a b/query_engine_bg.postgresql.wasm.br: the file is missing"}';
  expect(diagnose('litellm', log, 'native')).toEqual({
    cause: 'a file of its query engine is missing or damaged',
    fix: 'Restart the stack, which replaces the file: agents-llm restart\nIf it fails again, reinstall agents-llm',
  });
});

it('names no cause without evidence in the log of the service', () => {
  expect(diagnose('litellm', 'INFO: all is well', 'docker')).toBeUndefined();
  expect(diagnose('litellm-db', 'FATAL:  password authentication failed for user "litellm"', 'docker')).toBeUndefined();
});

it.each([
  [
    "ImportError: Could not build the 'langfuse_otel' callback configured in litellm_settings: No module named 'opentelemetry.sdk'",
    'the Python package opentelemetry.sdk, which the callback langfuse_otel needs, is not installed',
    "Remove what needs it from LiteLLM's own configuration, then run: agents-llm up",
  ],
  [
    "ModuleNotFoundError: No module named 'prometheus_client'",
    'the Python package prometheus_client is not installed',
    "Remove what needs it from LiteLLM's own configuration, then run: agents-llm up",
  ],
  [
    "ValueError: Either 'host' or 'url' must be specified for redis.",
    "its start ended with ValueError: Either 'host' or 'url' must be specified for redis",
    'See its log: agents-llm logs litellm',
  ],
])('names the error that ended the start: %s', (line, cause, fix) => {
  const log = `Traceback (most recent call last):\n  File "proxy_server.py", line 1, in initialize\n${line}\n`;
  expect(diagnose('litellm', `${log}\nERROR:    Application startup failed. Exiting.\n`, 'docker')).toEqual({
    cause,
    fix,
  });
  expect(diagnose('litellm', log, 'docker')).toBeUndefined();
});

it.each(['nothing_here', 'guard'])('names the Python code that LiteLLM cannot load, and why: no %s', (module) => {
  const log = `Traceback (most recent call last):
  File "/tmp/litellm/guard.py", line 1, in <module>
    import ${module}
ModuleNotFoundError: No module named '${module}'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
    raise ImportError(f"Could not import {instance_name} from {module_name}") from e
ImportError: Could not import WordGuard from guard

ERROR:    Application startup failed. Exiting.`;
  expect(diagnose('litellm', log, 'native')).toEqual({
    cause: `it cannot load WordGuard from guard: ModuleNotFoundError: No module named '${module}'`,
    fix: expect.stringContaining('agents-llm up --no-apply --litellm-config off'),
  });
});
