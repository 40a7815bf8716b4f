import { expect, test } from 'vitest';
import { MASTER_KEY } from '../support/fake-litellm.ts';
import { type HostileAnswer, startHostileLitellm } from '../support/hostile-litellm.ts';
import { startBin } from '../support/run-bin.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const COMMANDS = [
  ['alias', 'list'],
  ['alias', 'add', 'x', '--target', 'openai/gpt-4o'],
  ['alias', 'remove', 'x'],
  ['provider', 'list'],
  ['provider', 'add', 'openai', '--provider', 'openai', '--from-env', 'OPENAI_API_KEY'],
  ['key', 'list'],
  ['key', 'revoke', 'x'],
  ['provision-key', '--models', 'x'],
  ['apply', '--from-proxy', '--file', 'written.yaml'],
];

async function outcomes(answer: (url: URL) => HostileAnswer | undefined, commands = COMMANDS) {
  const { url, seen } = await startHostileLitellm((_, path) => answer(path));
  const home = await temporaryFolder();
  const env = {
    HOME: home,
    PATH: process.env.PATH ?? '',
    LITELLM_BASE_URL: url,
    LITELLM_MASTER_KEY: MASTER_KEY,
    OPENAI_API_KEY: 'sk-openai-0123456789abcdef',
  };
  const found: { code: number | null; error: { code: string; message: string; hint: string | null } | null }[] = [];
  const rest = [...commands];
  const run = async (args: readonly string[]) => {
    const { code, stdout } = await startBin([...args, '--json'], env, '', { cwd: home }).result;
    found.push({ code, error: JSON.parse(stdout).error });
  };
  while (rest.length > 0) await Promise.all(rest.splice(0, 3).map(run));
  return { url, seen, found };
}

const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
const huge = 1e308;

test.each<[string, unknown]>([
  ['null', null],
  ['a number', huge],
  ['lists where objects belong', [[], []]],
  ['wrong types', { data: [{ model_name: 1 }], keys: 'x', credentials: { a: 1 }, aliases: [1], total_pages: 'many' }],
  ['numbers beyond all', { data: [], keys: [], credentials: [], aliases: [], total_pages: -1, total_count: huge }],
  ['what is nested without end', deep],
  ['half of a JSON', '{"data": ['],
])('each command ends with a clear outcome when the answer is %s', async (_, body) => {
  const { found } = await outcomes(({ pathname }) => (pathname === '/health/readiness' ? undefined : { body }));
  // Exit code 1 means an unexpected error.
  expect(found.filter(({ code }) => code === null || code === 1)).toEqual([]);
  for (const { code, error } of found) if (code !== 0) expect(error?.code).toMatch(/^[a-z_]+$/);
});

test('ends a list of 1e9 pages without new rows at the first repeated page', async () => {
  const keys = [{ token: 'a', key_alias: 'one' }];
  const page = { keys, aliases: ['one'], data: [], total_pages: 1e9 };
  const { found, seen } = await outcomes(() => ({ body: page }), [['key', 'list']]);
  expect(found).toMatchObject([{ code: 0 }]);
  expect(seen).toHaveLength(2);
});

test('ends an endless list of new rows with a clear error', async () => {
  let token = 0;
  const page = () => ({ keys: Array.from({ length: 20_000 }, () => ({ token: `${token++}` })), total_pages: 1e9 });
  const { found, seen, url } = await outcomes(() => ({ body: page() }), [['key', 'list']]);
  expect(found).toMatchObject([
    {
      code: 8,
      error: {
        code: 'not_litellm',
        message: `LiteLLM at ${url} lists more rows than agents-llm can read`,
        hint: 'Check the address in LITELLM_BASE_URL or --base-url',
      },
    },
  ]);
  expect(seen).toHaveLength(5);
});

test('names a redirect to another host and never follows it', async () => {
  const location = 'http://evil.example:81/steal?x=1';
  const { found, seen, url } = await outcomes(() => ({ status: 307, headers: { location } }), [['key', 'list']]);
  expect(found).toMatchObject([
    {
      code: 8,
      error: {
        code: 'not_litellm',
        message: `${url} redirects to http://evil.example:81 (HTTP 307), but agents-llm does not follow because the master key would go there`,
        hint: 'If that is the LiteLLM you mean, use --base-url http://evil.example:81',
      },
    },
  ]);
  expect(seen).toHaveLength(1);
});

test('ends an endless answer when it is too large', async () => {
  const write: NonNullable<HostileAnswer['write']> = (response) => {
    const more = () => {
      while (!response.destroyed && response.write(' '.repeat(1024 * 1024)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const { found } = await outcomes(() => ({ write }), [['key', 'list']]);
  expect(found).toMatchObject([
    {
      code: 8,
      error: { code: 'not_litellm', message: expect.stringMatching(/GET \/key\/list is larger than 32 MB$/) },
    },
  ]);
}, 60_000);

test('refuses a key that would be more than a value in a shell', async () => {
  const bad = 'sk-x" & calc & "';
  const { found } = await outcomes(
    ({ pathname }) => {
      if (pathname === '/key/list') return { body: { keys: [], total_pages: 0 } };
      return pathname === '/key/generate' ? { body: { key: bad, expires: null } } : undefined;
    },
    [['env', '--shell', 'cmd', '--models', 'all-proxy-models']],
  );
  expect(found).toMatchObject([
    {
      code: 8,
      error: { code: 'not_litellm', message: 'LiteLLM returned a key that contains what its keys never contain' },
    },
  ]);
});

test('warns about plain HTTP to another machine in text and in JSON', async () => {
  const env = { HOME: await temporaryFolder(), PATH: process.env.PATH ?? '', LITELLM_MASTER_KEY: MASTER_KEY };
  const base = ['key', 'list', '--base-url', 'http://192.0.2.1.invalid:4000'];
  const warning =
    'The master key is sent to 192.0.2.1.invalid:4000 over plain HTTP, where others can read it. Use https://192.0.2.1.invalid:4000';
  const [text, json] = await Promise.all([startBin(base, env).result, startBin([...base, '--json'], env).result]);
  expect(text.stderr).toContain(`warning: ${warning}\n`);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, warnings: [warning] });
  expect([text.code, json.code]).toEqual([8, 8]);
}, 60_000);
