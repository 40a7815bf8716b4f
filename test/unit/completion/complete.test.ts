import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/commands/command-table.ts';
import { ARGUMENT_KINDS, OPTION_KINDS } from '../../../src/completion/value-kind.ts';
import type { Context } from '../../../src/context/context.ts';
import { systemHttp } from '../../../src/io/network/http.ts';
import { completeWords, programIn } from '../../support/complete-words.ts';
import { fakeClock, withoutWatches } from '../../support/fake-clock.ts';
import { fakeHttp } from '../../support/fake-http.ts';
import { fakeInvocation } from '../../support/fake-invocation.ts';
import { MASTER_KEY, startFakeLitellm } from '../../support/fake-litellm.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const never = () => new Promise<never>(() => {});
const patient = { ...fakeClock(), sleep: never };

async function contextWith(parts: Partial<Context> = {}, env: Record<string, string> = {}): Promise<Context> {
  const home = await temporaryFolder();
  const { context } = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home, ...env } });
  return { ...context, clock: patient, ...parts };
}

const valuesOf = (lines: readonly string[]) => lines.map((line) => line.split('\t')[0]);
const complete = async (...words: string[]) => valuesOf(await completeWords(await contextWith(), words));

describe('words in base64', () => {
  const encoded = (...words: string[]) => Buffer.from(words.map((word) => `${word}\n`).join('')).toString('base64');
  const ask = async (...words: string[]) => {
    const { program, text } = programIn(await contextWith());
    await program.parseAsync(['__complete', '--encoded', encoded(...words)], { from: 'user' });
    return valuesOf(text().split('\n').slice(0, -1));
  };

  it.each([
    [['sta'], ['status']],
    [
      ['up', '--pull', ''],
      ['missing', 'always', 'never'],
    ],
    [['-p', `"ü & 100%'`, 'ali'], ['alias']],
  ])('complete %j to %j', async (words, values) => {
    expect(await ask(...words)).toEqual(values);
  });
});

describe('completion of declared words', () => {
  it.each([
    [['sta'], ['status']],
    [['ali'], ['alias']],
    [['-p', 'two', 'ali'], ['alias']],
    [['--project-name=two', 'ali'], ['alias']],
    [['-ptwo', 'ali'], ['alias']],
    [['alias', 're'], ['remove']],
    [['alias', '--json', 're'], ['remove']],
    [['up', '--po'], ['--port']],
    [['up', '--port', '--po'], []],
    [['up', '--port', '1', '--po'], []],
    [['up', '--port=1', '--dry'], ['--dry-run']],
    [
      ['up', '--pull', ''],
      ['missing', 'always', 'never'],
    ],
    [['up', '--pull', 'a'], ['always']],
    [['up', '--pull=a'], ['--pull=always']],
    [['up', '--nonsense=a'], []],
    [['up', '--nonsense', '--dry'], ['--dry-run']],
    [['alias', 'add', 'x', '--set', 'a=b', '--se'], ['--set']],
    [['alias', 'add', '--', '--ta'], []],
    [
      ['logs', ''],
      ['litellm', 'litellm-db'],
    ],
    [['logs', 'litellm', 'litellm-'], ['litellm-db']],
    [['status', 'extra', ''], []],
    [['nonsense', ''], []],
    [['run', '--ali'], ['--alias']],
    [['run', 'node', '--ali'], ['']],
    [['provider', 'add', 'x', '--provider', 'anth'], ['anthropic']],
    [['provider', 'add', 'x', '--from-file', ''], ['']],
    [
      ['launch', 'c'],
      ['claude', 'codex', 'copilot', 'crush'],
    ],
    [
      ['launch', 'claude', '--m'],
      ['--model', '--max-budget'],
    ],
    [['launch', 'claude', '--', ''], []],
    [
      ['connect', 'c'],
      ['claude', 'codex', 'continue', 'crush'],
    ],
    [['disconnect', ''], []],
    [['env', '--for', 'gem'], ['gemini']],
    [['env', '--for=gem'], ['--for=gemini']],
  ])('completes %j to %j', async (words, values) => {
    expect(await complete(...words)).toEqual(values);
  });

  it('describes each word', async () => {
    expect(await completeWords(await contextWith(), ['down', '--vol'])).toEqual([
      expect.stringMatching(/^--volumes\t\w/),
    ]);
  });

  it('offers every command except the hidden one', async () => {
    expect((await complete('')).filter((name) => name !== 'help')).toEqual(COMMANDS.map(({ name }) => name));
  });

  it.each(COMMANDS.map(({ name, load }) => ({ name, load })))(
    'offers every subcommand and option of $name',
    async ({ name, load }) => {
      const { program } = programIn(await contextWith());
      const command = program.commands.find((each) => each.name() === name) as Command;
      (await load())(command, async () => {});
      const check = async (path: string[], { commands, options }: Command) => {
        expect(await complete(...path, '')).toEqual(expect.arrayContaining(commands.map((each) => each.name())));
        expect(await complete(...path, '--')).toEqual(expect.arrayContaining(options.map(({ long }) => long)));
        for (const each of commands) await check([...path, each.name()], each);
      };
      await check([name], command);
    },
  );

  it('has value kinds only for arguments and options that exist', async () => {
    const known = new Set<string>();
    const { program } = programIn(await contextWith());
    const walk = (path: string, command: Command) => {
      for (const { long } of command.options) known.add(`${path} ${long}`.trim()).add(`${long}`);
      if (command.registeredArguments.length > 0) known.add(path);
      for (const each of command.commands) walk(`${path} ${each.name()}`.trim(), each);
    };
    for (const { name, load } of COMMANDS) {
      const command = program.commands.find((each) => each.name() === name) as Command;
      (await load())(command, async () => {});
    }
    walk('', program);
    expect([...Object.keys(ARGUMENT_KINDS), ...Object.keys(OPTION_KINDS)].filter((each) => !known.has(each))).toEqual(
      [],
    );
  });
});

describe('completion of names in files', () => {
  it('offers the created projects', async () => {
    const context = await contextWith();
    for (const name of ['one', 'two']) {
      mkdirSync(join(context.home, name));
      writeFileSync(join(context.home, name, 'state.json'), '{}');
    }
    mkdirSync(join(context.home, 'native'));
    writeFileSync(join(context.home, 'a-file'), '');
    expect(await completeWords(context, ['-p', ''])).toEqual(['one\t', 'two\t']);
    expect(await completeWords(context, ['up', '--project-name=t'])).toEqual(['--project-name=two\t']);
  });

  it('offers the complete backups of the given project, and files', async () => {
    const context = await contextWith();
    const folder = join(context.home, 'two', 'backups');
    mkdirSync(folder, { recursive: true });
    const manifest = {
      schemaVersion: 1,
      project: 'two',
      createdAt: '2026-01-01T00:00:00.000Z',
      reason: 'backup',
      image: 'litellm:v1',
      databaseImage: 'postgres:16',
      postgres: '16.4',
      counts: { providers: 1, aliases: 2, keys: 0, teams: 0 },
      bytes: 4,
      sha256: 'x',
      fingerprints: { salt: 's', masterKey: [], saltKey: [], databasePassword: [] },
    };
    writeFileSync(join(folder, 'whole.dump'), 'dump');
    writeFileSync(join(folder, 'whole.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'cut.dump'), 'du');
    expect(await completeWords(context, ['-p', 'two', 'restore', ''])).toEqual([
      'latest\tthe newest',
      expect.stringMatching(/^whole\t1 provider, 2 aliases/),
      '\tfiles',
    ]);
    expect(await completeWords(context, ['restore', ''])).toEqual(['\tfiles']);
  });

  it('offers the connected agents to disconnect', async () => {
    const context = await contextWith();
    const agents = join(String(context.env.AGENTS_LLM_HOME), 'agents-llm', 'agents');
    for (const name of ['codex', 'gemini']) mkdirSync(join(agents, name), { recursive: true });
    writeFileSync(join(agents, 'codex', 'receipt.json'), '{}');
    expect(await completeWords(context, ['disconnect', ''])).toEqual(['codex\tCodex CLI']);
  });

  it('offers variable names, never their values', async () => {
    const context = await contextWith({}, { OPENAI_API_KEY: 'sk-of-openai' });
    expect(await completeWords(context, ['provider', 'add', 'x', '--from-env', 'OPEN'])).toEqual(['OPENAI_API_KEY\t']);
  });
});

describe('completion of names in the gateway', () => {
  const litellm = async () => {
    const fake = await startFakeLitellm();
    fake.state.credentials['work'] = {
      credential_info: { custom_llm_provider: 'openai' },
      credential_values: { api_key: 'sk-of-openai' },
    };
    const params = { model: 'openai/gpt-4o' };
    for (const name of ['gpt-5', 'fast', 'fast', 'with\nnewline', 'a:b c']) {
      fake.state.models.push({ id: `${fake.state.models.length}`, name, params, live: true });
    }
    fake.addKey({ key_alias: 'service', models: ['gpt-5'] });
    const context = await contextWith(
      { http: systemHttp() },
      { LITELLM_BASE_URL: fake.url, LITELLM_MASTER_KEY: MASTER_KEY },
    );
    return { fake, context };
  };

  it('offers aliases, providers and keys', async () => {
    const { fake, context } = await litellm();
    expect(await completeWords(context, ['alias', 'remove', ''])).toEqual(['a:b c\t', 'fast\t', 'gpt-5\t']);
    expect(await completeWords(context, ['alias', 'add', 'x', '--provider', ''])).toEqual(['work\topenai']);
    expect(await completeWords(context, ['key', 'revoke', 'other', 's'])).toEqual(['service\t']);
    expect(valuesOf(await completeWords(context, ['provision-key', '--models', 'gpt-5,f']))).toEqual(['gpt-5,fast']);
    for (const words of [
      ['launch', 'claude'],
      ['connect', 'codex'],
      ['env', '--for', 'claude'],
    ]) {
      expect(await completeWords(context, [...words, '--model', 'f'])).toEqual(['fast\t']);
    }
    expect(await completeWords(context, ['launch', 'claude', '--key-alias', ''])).toEqual(['service\t']);
    await fake.close();
  });

  it('offers a pattern, but none of the models that it matches', async () => {
    const { fake, context } = await litellm();
    fake.state.models.push({ id: 'pattern', name: 'openai/*', params: { model: 'openai/*' }, live: true });
    expect(await completeWords(context, ['alias', 'remove', 'o'])).toEqual(['openai/*\t']);
    await fake.close();
  });

  it('asks the gateway of --base-url', async () => {
    const { fake, context } = await litellm();
    const { LITELLM_BASE_URL: _, ...env } = context.env;
    const words = ['provider', 'test', '--base-url', fake.url, ''];
    expect(await completeWords({ ...context, env }, words)).toEqual(['work\topenai']);
    await fake.close();
  });

  it('sends no request to another machine', async () => {
    const { fake, context } = await litellm();
    // An address that is no loopback, and leads here all the same.
    const env = { ...context.env, LITELLM_BASE_URL: fake.url.replace('127.0.0.1', '0.0.0.0') };
    expect(await completeWords({ ...context, env }, ['alias', 'remove', ''])).toEqual([]);
    expect(fake.seen).toEqual([]);
    await fake.close();
  });

  it('gives up when the gateway does not answer in time', async () => {
    const waits: number[] = [];
    let asked = () => {};
    const request = new Promise<void>((resolve) => {
      asked = resolve;
    });
    // The time is over as soon as the proxy was asked.
    const clock = withoutWatches({
      now: () => performance.timeOrigin + 80,
      sleep: (ms: number) => request.then(() => void waits.push(ms)),
    });
    const http = fakeHttp([
      {
        call: 'GET http://127.0.0.1:4000/v1/models?return_wildcard_routes=true',
        answer: ({ signal }) => {
          asked();
          return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        },
      },
    ]);
    const env = { LITELLM_BASE_URL: 'http://127.0.0.1:4000', LITELLM_MASTER_KEY: MASTER_KEY };
    expect(await completeWords(await contextWith({ http, clock }, env), ['alias', 'remove', ''])).toEqual([]);
    expect(waits).toEqual([95]);
    http.assertDone();
  });

  it.each([
    ['there is no stack', {}],
    ['the name of the project is none', { AGENTS_LLM_PROJECT_NAME: 'Not A Name' }],
    ['nobody listens', { LITELLM_BASE_URL: 'http://127.0.0.1:1', LITELLM_MASTER_KEY: MASTER_KEY }],
  ])('offers nothing when %s', async (_, env) => {
    const base = await contextWith({ http: systemHttp() });
    const context = { ...base, env: { ...base.env, ...env } };
    expect(await completeWords(context, ['alias', 'remove', ''])).toEqual([]);
    expect(valuesOf(await completeWords(context, ['alias', 'rem']))).toEqual(['remove']);
  });
});
