import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { silentServer } from '../support/silent-server.ts';

const COMMANDS = [['requests'], ['requests', '-f'], ['requests', 'show', 'some-id'], ['spend'], ['chat', 'Say hello']];

describe.each(COMMANDS.map((command) => [command.join(' '), command] as const))('%s fails', (_, command) => {
  /** In text and in JSON. */
  async function refused(env: Record<string, string>) {
    const { fake, run } = await configureCli();
    const [text, json] = [await run(command, env), await run([...command, '--json'], env)];
    const { error } = JSON.parse(json.stdout);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(`error: ${error.message}\n`);
    for (const line of error.hint?.split('\n') ?? []) expect(text.stderr).toContain(`hint: ${line}\n`);
    expect(json.code).toBe(text.code);
    expect(fake.state.keys).toEqual([]);
    return { exitCode: text.code, ...error };
  }

  test('without a stack', async () => {
    expect(await refused({ LITELLM_BASE_URL: '', LITELLM_MASTER_KEY: '' })).toMatchObject({
      exitCode: 10,
      code: 'not_running',
      message: 'No stack exists yet',
      hint: expect.stringMatching(/^Create it: agents-llm up\n/),
    });
  });

  test('where nothing listens', async () => {
    expect(await refused({ LITELLM_BASE_URL: 'http://127.0.0.1:1' })).toMatchObject({
      exitCode: 8,
      code: 'proxy_unreachable',
      message: 'LiteLLM at http://127.0.0.1:1 cannot be reached (ECONNREFUSED)',
    });
  });

  test('with a wrong master key', async () => {
    expect(await refused({ LITELLM_MASTER_KEY: 'sk-wrong-0123456789' })).toMatchObject({
      exitCode: 4,
      code: 'key_refused',
    });
  });
});

test('chat reports a gateway that hangs', async () => {
  const { run } = await configureCli();
  const url = await silentServer();
  const { code, stdout } = await run(['chat', 'Say hello', '--json'], { LITELLM_BASE_URL: url });
  expect(code).toBe(7);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'not_responding',
    message: `The gateway at ${url} is not responding`,
  });
});
