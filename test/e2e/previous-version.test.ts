import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { buildPrevious, noPrevious, type PreviousVersion } from './support/previous-version.ts';
import { ATTACKS, WORK } from './support/role-attacks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-previous';
const PORT = String(await freePort());
const missing = noPrevious();

// The tests build on each other: the previous version creates a stack, and this version continues with it.
describeOnEach(runtimes.map((stack) => ({ ...stack, missing: stack.missing ?? missing })))(
  'a stack of the previous version',
  (stack) => {
    const isFalse = stack.runtime === 'docker' ? 'f' : 'false';
    let cli: Cli;
    let upstream: Upstream;
    let previous: PreviousVersion;
    let before: ReturnType<typeof snapshot>;
    let key = '';
    let secrets: Record<string, string> = {};
    const env = { MY_KEY: 'sk-provider-key-0123456789' };
    const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], env);
    const old = async (...args: string[]) => {
      const done = await cli.node([previous.bin, '-p', PROJECT, ...args], env);
      expect(done.code, done.stderr).toBe(0);
      return done;
    };
    const sql = (script: string) => stack.sql(cli, PROJECT, script);
    const chat = async () => {
      const client = new OpenAI({ apiKey: key, baseURL: `http://127.0.0.1:${PORT}/v1`, maxRetries: 0 });
      const messages = [{ role: 'user' as const, content: 'ping' }];
      return (await client.chat.completions.create({ model: 'gpt-5', messages })).choices[0]?.message.content;
    };
    const state = () => JSON.parse(readFileSync(join(cli.home, PROJECT, 'state.json'), 'utf8'));

    beforeAll(async () => {
      stack.remove(undefined, PROJECT);
      before = snapshot();
      cli = createCli(stack);
      // Registers the project for the search for leftovers.
      expect((await run('status')).code).toBe(10);
      previous = buildPrevious();
      upstream = await startUpstream(stack);
      await old('up', '--port', PORT);
      await old('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url);
      await old('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai');
      key = (await old('provision-key')).stdout.trim();
      secrets = cli.secretsOf(PROJECT);
      expect(await chat()).toBe('pong');
      // Checks that it is the previous version.
      expect(await sql('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).not.toBe(isFalse);
    });

    afterAll(async () => {
      await upstream?.close();
      stack.remove(cli, PROJECT);
      previous?.remove();
      cli.dispose();
      expectNoLeaks(before);
    });

    it('is migrated by up with its data, its key and its login', async () => {
      const { data } = state();
      const up = await run('up', '--json');
      expect(up.json).toMatchObject({ ok: true, data: { change: 'started' } });
      expect(up.json.data.ui).toMatchObject({ username: 'admin' });
      expect(cli.secretsOf(PROJECT)).toEqual(secrets);
      expect(state().data).toEqual(data);
      expect((await run('provision-key')).stdout.trim()).toBe(key);
      expect(await chat()).toBe('pong');
      const verified = await run('verify-persistence', '--no-restart', '--json');
      expect(verified.json).toMatchObject({ ok: true, data: { inventory: { providers: 1, aliases: 1, keys: 1 } } });
    });

    it('has a role for LiteLLM with only the privileges it needs', async () => {
      expect(await sql(WORK)).toBe(isFalse);
      for (const [, script, refusal] of ATTACKS) await expect(sql(script)).rejects.toThrow(refusal);
      expect(await sql("SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relowner <> 'litellm'::regrole")).toBe(
        '0',
      );
    });

    it('is unchanged by the next up', async () => {
      expect((await run('up', '--json')).json.data.change).toBe('unchanged');
    });

    it('still works with the previous version', async () => {
      // Its native runtime installs the packages of its own lock file first, which only `up` does.
      await old(...(stack.runtime === 'docker' ? ['restart', 'litellm'] : ['up']));
      expect(await chat()).toBe('pong');
      expect((await run('up', '--json')).json).toMatchObject({ ok: true });
      expect(await chat()).toBe('pong');
    });
  },
);
