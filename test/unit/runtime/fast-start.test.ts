import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { templateFile } from '../../../src/package-files.ts';
import { describeUnless } from '../../support/skipping.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const program = readFileSync(templateFile('fast_start.py'), 'utf8');
const overlay = parse(readFileSync(templateFile('compose.fast-start.yml'), 'utf8')).services.litellm;
const found = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
const noPython = found.status === 0 ? undefined : 'there is no python3 on the PATH';

/** docker/prod_entrypoint.sh of LiteLLM 1.108. */
const OFFICIAL = `#!/bin/sh

if [ "$SEPARATE_HEALTH_APP" = "1" ]; then
    export LITELLM_ARGS="$@"
    export SUPERVISORD_STOPWAITSECS="\${SUPERVISORD_STOPWAITSECS:-3600}"
    exec supervisord -c /etc/supervisord.conf
fi

if [ "$USE_DDTRACE" = "true" ]; then
    export DD_TRACE_OPENAI_ENABLED="False"
    exec ddtrace-run litellm "$@"
else
    exec litellm "$@"
fi
`;
/** As FastAPI has it, and each reading is printed. */
const READS_SIGNATURES = `
import inspect
def get_typed_signature(call):
  print("read", getattr(call, "__name__", "object"))
  return inspect.signature(call)
`;
/** The beginning of the generated file is what the entry point reads. */
const TYPES = `
Serializable = object()
class DatasourceOverride: ...
class HttpConfig: ...
MetricsFormat = 'json'

StringFilter = print('all of the types') or 'filter'
`;

function putFastApi(folder: string): void {
  const dependencies = join(folder, 'fastapi', 'dependencies');
  mkdirSync(dependencies, { recursive: true });
  for (const package_ of [dirname(dependencies), dependencies]) writeFileSync(join(package_, '__init__.py'), '');
  writeFileSync(join(dependencies, 'utils.py'), READS_SIGNATURES);
}

it('uses the same program in the Compose overlay, where `$$` stands for `$`', () => {
  expect(overlay.environment.AGENTS_LLM_START.replaceAll('$$', '$')).toBe(program);
  expect(Object.keys(overlay)).toEqual(['entrypoint', 'command', 'environment']);
});

describeUnless(noPython)('the fast entry point', () => {
  let home: string;
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
    if (name.endsWith('.sh') || name.startsWith('bin/')) chmodSync(join(home, name), 0o755);
  };
  beforeEach(async () => {
    home = await temporaryFolder();
    put('prod_entrypoint.sh', OFFICIAL);
    put('bin/litellm', '#!/bin/sh\necho "own way: $*"\n');
    put('bin/ddtrace-run', '#!/bin/sh\necho "traced: $*"\n');
    put(
      'lib/litellm/__init__.py',
      'import gc, sys\ndef run_server():\n  print("gc", gc.isenabled(), sys.argv)\n  sys.exit(CODE)\nCODE = 0\n',
    );
    put('lib/litellm/proxy/__init__.py', '');
    put('lib/litellm/proxy/proxy_server.py', 'import gc, prisma.client\nprint("import", gc.isenabled())\n');
    put('lib/prisma/__init__.py', '');
    put(
      'lib/prisma/client.py',
      'from .types import DatasourceOverride, HttpConfig, MetricsFormat\nfrom .types import Serializable\n',
    );
    put('lib/prisma/types.py', TYPES);
    putFastApi(join(home, 'lib'));
  });

  /** As the overlay runs it in a container. */
  const start = (
    options: { env?: Record<string, string>; entrypoint?: string[]; command?: string[]; raw?: string } = {},
  ) => {
    const { env = {}, entrypoint = ['./prod_entrypoint.sh'], command = ['--port', '4000'], raw } = options;
    const words = raw ?? encodeURIComponent(JSON.stringify({ entrypoint, command }));
    const { status, stdout, stderr } = spawnSync(found.stdout.trim(), overlay.entrypoint.slice(1), {
      cwd: home,
      encoding: 'utf8',
      env: {
        PATH: `${join(home, 'bin')}:/usr/bin:/bin`,
        PYTHONPATH: join(home, 'lib'),
        AGENTS_LLM_IMAGE_COMMAND: words,
        AGENTS_LLM_START: program,
        ...env,
      },
    });
    return { status, stdout, stderr };
  };
  const fast = "import False\ngc True ['litellm', '--port', '4000']\n";
  const fallback = (reason: string) =>
    `agents-llm: Starting LiteLLM by the image's own entry point, because ${reason}\n`;

  it('imports without garbage collection and types, and then runs the LiteLLM command', () => {
    expect(start()).toEqual({ status: 0, stdout: fast, stderr: '' });
  });

  it('imports no module from the working folder', () => {
    put('litellm.py', 'raise SystemExit("from the working folder")');
    expect(start().stdout).toBe(fast);
  });

  it('starts the official image without a command, or with an invalid one', () => {
    put('docker/prod_entrypoint.sh', OFFICIAL);
    for (const raw of ['', '%7B', '%7B%7D', '{"entrypoint":[1],"command":[]}'])
      expect(start({ raw }).stdout).toBe(fast);
  });

  it.each([
    ['the command itself', ['litellm']],
    ['a script that adds the port and takes other commands', ['./docker-entrypoint.sh']],
  ])('recognises %s', (_, entrypoint) => {
    put(
      'docker-entrypoint.sh',
      `#!/bin/bash
# No argument, or a first one that begins with a dash, starts the proxy.
set -e
if [ $# -eq 0 ] || [ "\${1#-}" != "$1" ]; then
  exec litellm --port "\${PORT:-4000}" "$@"
fi
exec "$@"
`,
    );
    expect(start({ entrypoint })).toEqual({ status: 0, stdout: fast, stderr: '' });
  });

  const packed = (files: Readonly<Record<string, string>>) =>
    gzipSync(
      JSON.stringify(
        Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
      ),
    ).toString('base64');

  it("adds certificate authorities to those of Python, even before the image's entry point", () => {
    const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
    put('lib/certifi.py', `def where():\n  return ${JSON.stringify(join(home, 'public.pem'))}\n`);
    put('public.pem', `# Public\n${pem('one')}\n${pem('two')}\n`);
    const file = join(home, 'all.pem');
    const env = { AGENTS_LLM_CA: `${pem('corp')}\n${pem('two')}\n`, AGENTS_LLM_CA_FILE: file, SSL_CERT_FILE: file };
    expect(start({ env }).stdout).toBe(fast);
    const all = readFileSync(file, 'utf8');
    expect(all.startsWith(`${pem('one')}\n${pem('two')}\n`)).toBe(true);
    expect(all.endsWith(`${pem('corp')}\n`)).toBe(true);
    expect(all.split(pem('two'))).toHaveLength(2);
    rmSync(file);
    expect(start({ env: { ...env, AGENTS_LLM_OWN_START: '1' } }).stdout).toBe('own way: --port 4000\n');
    expect(readFileSync(file, 'utf8')).toBe(all);
  });

  it('gives LiteLLM its configuration and the modules beside it, read-only', () => {
    put(
      'lib/litellm/__init__.py',
      `import os, sys
def run_server():
  import mine.more
  path = sys.argv[-1]
  print(sys.argv[3:-1], open(path).read().replace(os.path.dirname(path), "FOLDER"), oct(os.stat(path).st_mode)[-3:])
  sys.exit(0)
`,
    );
    const files = packed({ 'litellm.yaml': 'ca: /agents-llm-files/ca.pem', 'mine/more.py': '' });
    const env = { AGENTS_LLM_FILES: files, TMPDIR: home };
    expect(start({ env })).toEqual({
      status: 0,
      stdout: "import False\n['--config'] ca: FOLDER/ca.pem 400\n",
      stderr: '',
    });
    const { stdout, stderr } = start({ env: { ...env, AGENTS_LLM_OWN_START: '1' } });
    expect(stdout).toMatch(/^own way: --port 4000 --config \S+\/litellm\.yaml\n$/);
    expect(stderr).toBe(fallback('--no-fast-start asks for it'));
  });

  const more = 'its entry point does more than start LiteLLM';
  it.each([
    ['tracing', { env: { USE_DDTRACE: 'true' } }, more, 'traced: litellm --port 4000\n'],
    ['several workers by a variable', { env: { NUM_WORKERS: '2' } }, 'it is told to run more than one worker'],
    [
      'several workers by a flag',
      { command: ['--num_workers=2'] },
      'it is told to run more than one worker',
      'own way: --num_workers=2\n',
    ],
    ['another command', { command: ['sh'] }, 'it is told to run sh', 'own way: sh\n'],
    ['arguments of the entry point', { entrypoint: ['./prod_entrypoint.sh', '-x'] }, more, 'own way: -x --port 4000\n'],
    ['a program', { entrypoint: ['/usr/bin/env', 'litellm'] }, 'its entry point cannot be read'],
  ])('leaves %s to the image', (_, options, reason, stdout = 'own way: --port 4000\n') => {
    expect(start(options)).toEqual({ status: 0, stdout, stderr: fallback(reason) });
  });

  it.each([
    ['an unknown command', 'fetch-secrets\nexec litellm "$@"\n'],
    ['an unknown condition', 'if test -e x; then\nexec y\nfi\nexec litellm "$@"\n'],
    ['a condition with a command', 'if [ "$A" = "b" ] || fetch; then\nexec y\nfi\nexec litellm "$@"\n'],
    ['an exported variable', 'export A=b\nexec litellm "$@"\n'],
    ['other arguments', 'exec litellm --debug "$@"\n'],
    ['no command', '# nothing\n'],
    ['a stray end', 'fi\nexec litellm "$@"\n'],
    ['a stray elif', 'elif [ "$A" = "b" ]; then\nexec litellm "$@"\n'],
    ['a stray else', 'else\nexec litellm "$@"\nfi\n'],
  ])('leaves an entry point with %s to the image', (_, script) => {
    put('bin/fetch-secrets', '#!/bin/sh\n');
    put('prod_entrypoint.sh', `#!/bin/sh\n${script}`);
    expect(start().stderr).toContain(fallback(more));
  });

  it('follows the branch that the shell would take', () => {
    const branch = (name: string) => `[ "$MODE" = "${name}" ]; then\n  exec ${name} "$@"\n`;
    put('prod_entrypoint.sh', `#!/bin/sh\nif ${branch('one')}elif ${branch('litellm')}else\n  exec other\nfi\n`);
    expect(start({ env: { MODE: 'litellm' } }).stdout).toBe(fast);
    expect(start({ env: { MODE: 'one' } }).stderr).toContain(fallback(more));
    expect(start().stderr).toContain(fallback(more));
  });

  it('leaves a LiteLLM outside the folder of python3 to the image', () => {
    expect(start({ env: { PYTHONPATH: '' } })).toEqual({
      status: 0,
      stdout: 'own way: --port 4000\n',
      stderr: fallback('LiteLLM is not in the place of python3'),
    });
  });

  const proxy = (text: string) => put('lib/litellm/proxy/proxy_server.py', `import prisma.client\n${text}\n`);
  const asked = (name: string) => `agents-llm: Loading all of prisma.types, because ${name} is asked of it\n`;

  it('loads all types for any other name, once', () => {
    proxy('from prisma.types import StringFilter as a\nimport prisma.types\nprint(a, prisma.types.StringFilter)');
    const { stdout, stderr } = start();
    expect(stdout.split('gc')[0]).toBe('all of the types\nfilter filter\n');
    expect(stderr).toBe(asked('StringFilter'));
  });

  it('raises an ImportError for a name that no type has', () => {
    proxy('try:\n  from prisma.types import Nothing\nexcept ImportError as e:\n  print(str(e)[:28])');
    expect(start().stdout.split('gc')[0]).toBe("all of the types\ncannot import name 'Nothing'\n");
  });

  it.each([
    ['`import *`', 'from prisma.types import *\nprint(StringFilter)', '__all__'],
    [
      'a list of the names',
      'import prisma.types\nprint(*[n for n in dir(prisma.types) if n == "StringFilter"])',
      undefined,
    ],
  ])('loads all types for %s', (_, text, name) => {
    proxy(text);
    const { stdout, stderr } = start();
    expect(stdout).toMatch(/^all of the types\n(filter|StringFilter)\n/);
    expect(stderr).toBe(name ? asked(name) : '');
  });

  it('does not load all types for names of the import system', () => {
    proxy('import prisma.types\nprint(hasattr(prisma.types, "__path__"))');
    expect(start().stdout).toMatch(/^False\ngc/);
  });

  it.each([
    [
      'begin in another way',
      'Serializable = 1\nDatasourceOverride = HttpConfig = MetricsFormat = 1\n',
      'it begins in another way',
    ],
    [
      'have another order',
      `StringFilter = 1${TYPES.replace('Serializable', 'Other')}Serializable = 1\n`,
      'Serializable is not at its beginning',
    ],
    ['cannot be read at their beginning', `1 +\n${TYPES}`, undefined],
  ])('loads all types at once when they %s', (_, text, reason) => {
    put('lib/prisma/types.py', text);
    const { stderr, status } = start();
    if (reason) expect([status, stderr]).toEqual([0, `agents-llm: Loading all of prisma.types, because ${reason}\n`]);
    else expect([status, stderr]).toEqual([1, expect.stringContaining('SyntaxError')]);
  });

  const readings = (text: string) => {
    proxy(`from fastapi.dependencies import utils\n${text}`);
    return start().stdout.split('gc')[0];
  };

  it('reads the signature of a dependency once for all of its routes', () => {
    const twice = 'print(utils.get_typed_signature(key), utils.get_typed_signature(key))\n';
    expect(readings(`def key(header: int = 1): ...\n${twice}`)).toBe('read key\n(header: int = 1) (header: int = 1)\n');
  });

  it.each([
    ['names a type that may be defined later', 'def key(header: "Later"): ...\n'],
    ['cannot be hashed', 'class Key:\n  __hash__ = None\n  def __call__(self, header): ...\nkey = Key()\n'],
  ])('reads the signature of a dependency each time when it %s', (_, definition) => {
    const twice = 'utils.get_typed_signature(key)\nprint("again")\nutils.get_typed_signature(key)\n';
    expect(readings(definition + twice)).toMatch(/^(read (key|object)\n)+again\n(read (key|object)\n)+$/);
  });

  it('reports a dependency whose signature cannot be read as FastAPI does', () => {
    const error = 'try:\n  utils.get_typed_signature(1)\nexcept TypeError as error:\n  print(error)\n';
    expect(readings(error)).toMatch(/^(read object\n)+1 is not a callable object\n$/);
  });

  it('leaves a FastAPI as it is that reads signatures in another way, and logs it', () => {
    put('lib/fastapi/dependencies/utils.py', '');
    const { status, stdout, stderr } = start();
    expect([status, stdout]).toEqual([0, fast]);
    expect(stderr).toBe(
      "agents-llm: Reading the signature of a dependency for each of its routes, because module 'fastapi.dependencies.utils' has no attribute 'get_typed_signature'\n",
    );
  });

  it('runs a LiteLLM without any Prisma', () => {
    put('lib/litellm/proxy/proxy_server.py', '');
    expect(start().stdout).toContain('gc True');
  });

  it('runs a LiteLLM whose Prisma has no types', () => {
    rmSync(join(home, 'lib', 'prisma', 'types.py'));
    put('lib/prisma/client.py', '');
    expect(start()).toEqual({ status: 0, stdout: fast, stderr: '' });
    proxy('from prisma.types import StringFilter');
    const { stdout, stderr } = start();
    expect(stdout).toContain('gc True');
    expect(stderr).toBe("agents-llm: Cannot import LiteLLM's proxy ahead: No module named 'prisma.types'\n");
  });

  it('lets the LiteLLM command report a missing module', () => {
    proxy('import nothing');
    const { stdout, stderr } = start();
    expect(stdout).toContain('gc True');
    expect(stderr).toBe("agents-llm: Cannot import LiteLLM's proxy ahead: No module named 'nothing'\n");
  });

  it.each([
    ['0', 0, ''],
    ['3', 3, ''],
    ['None', 0, ''],
    ['"it went wrong"', 1, 'it went wrong\n'],
  ])('ends with the exit code of %s', (code, status, stderr) => {
    put('lib/litellm/__init__.py', `import sys\ndef run_server():\n  sys.exit(${code})\n`);
    expect(start()).toMatchObject({ status, stderr });
  });

  it('shows an error that LiteLLM does not handle', () => {
    put('lib/litellm/__init__.py', 'def run_server():\n  raise RuntimeError("broken")\n');
    expect(start()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Traceback(.|\n)*RuntimeError: broken\n$/),
    });
  });

  it('waits for threads and exit handlers, but skips the teardown of Python', () => {
    put(
      'lib/litellm/__init__.py',
      `import atexit, sys, threading, time
class Part:
  def __del__(self):
    print("taken apart")
part = Part()
def work():
  time.sleep(0.3)
  print("thread")
def run_server():
  atexit.register(print, "handler")
  threading.Thread(target=work).start()
  print("server")
  sys.exit(0)
`,
    );
    expect(start().stdout).toBe('import False\nserver\nthread\nhandler\n');
  });
});

describeUnless(noPython)('the native gateway', () => {
  let home: string;
  beforeEach(async () => {
    home = await temporaryFolder();
    for (const name of ['native/run_proxy.py', 'fast_start.py'])
      copyFileSync(templateFile(name), join(home, basename(name)));
    writeFileSync(join(home, 'guarded_engine.py'), 'print("guarded")\n');
    mkdirSync(join(home, 'litellm', 'proxy'), { recursive: true });
    writeFileSync(
      join(home, 'litellm', '__init__.py'),
      'def run_server():\n  import sys\n  print(sys.argv)\n  sys.exit(4)\n',
    );
    writeFileSync(join(home, 'litellm', 'proxy', '__init__.py'), '');
    writeFileSync(join(home, 'litellm', 'proxy', 'proxy_server.py'), 'print("imported ahead")\n');
    putFastApi(home);
  });
  const start = (env: Record<string, string> = {}) => {
    const args = [join(home, 'run_proxy.py'), '--port', '4000'];
    const { status, stdout, stderr } = spawnSync('python3', args, {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    const texts = (lines: string) => lines.split('\n').map((line) => line.split(' ').slice(2).join(' '));
    return { status, stdout: texts(stdout).slice(0, -1), stderr: texts(stderr).slice(0, -1) };
  };
  const argv = "['litellm', '--port', '4000']";

  it('installs the query engine guard, then imports LiteLLM ahead', () => {
    expect(start()).toEqual({ status: 4, stdout: ['guarded', 'imported ahead', argv], stderr: [] });
  });

  it.each([
    ['imports LiteLLM and then', '1', 'imported ahead\n'],
    ['without fast start', '0', ''],
  ])('%s waits for the database before it runs the LiteLLM command', async (_, fast, imported) => {
    const ready = join(home, 'database-ready');
    writeFileSync(
      join(home, 'litellm', '__init__.py'),
      `def run_server():\n  import os\n  print(os.listdir("${home}"))\n`,
    );
    const env = { ...process.env, AGENTS_LLM_FAST_START: fast, AGENTS_LLM_DATABASE_READY: ready };
    const proxy = spawn('python3', [join(home, 'run_proxy.py'), '--port', '4000'], { env });
    onTestFinished(() => void proxy.kill('SIGKILL'));
    let seen = '';
    proxy.stdout.on('data', (text) => {
      seen += text;
    });
    const shown = () => seen.replaceAll(/^\S+ stdout /gm, '');
    await expect.poll(shown).toBe(`guarded\n${imported}`);
    await setTimeout(300);
    expect([shown(), proxy.exitCode]).toEqual([`guarded\n${imported}`, null]);
    writeFileSync(ready, '');
    await expect.poll(() => proxy.exitCode).toBe(0);
    expect(shown()).toContain('database-ready');
  });

  it('starts without fast start when AGENTS_LLM_FAST_START=0', () => {
    expect(start({ AGENTS_LLM_FAST_START: '0' })).toEqual({ status: 4, stdout: ['guarded', argv], stderr: [] });
  });

  it('starts without fast start when the entry point is missing, and logs it', () => {
    rmSync(join(home, 'fast_start.py'));
    expect(start()).toEqual({
      status: 4,
      stdout: ['guarded', argv],
      stderr: ["agents-llm: Starting LiteLLM in its own way, because No module named 'fast_start'"],
    });
  });
});
