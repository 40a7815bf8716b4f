import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { COMPOSE, ENGINE, type FakeDocker, fakeDocker } from '../support/fake-docker.ts';
import { MASTER_KEY } from '../support/fake-litellm.ts';
import { describeUnless } from '../support/skipping.ts';
import { inTerminal, noTerminal, standingOn } from '../support/terminal.ts';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const ENTER = '\r';
/** Adds the shell's PATH to that of the fake docker. */
const withShell = (docker: FakeDocker) => ({ ...docker.env, PATH: `${docker.env.PATH}:${process.env.PATH}` });
const envOf = (home: string, url: string) => ({
  HOME: home,
  PATH: process.env.PATH ?? '',
  LITELLM_BASE_URL: url,
  LITELLM_MASTER_KEY: MASTER_KEY,
});
let docker: FakeDocker | undefined;

afterEach(async () => {
  await docker?.dispose();
  docker = undefined;
});

describeUnless(noTerminal)('in a terminal', () => {
  describe('a hidden prompt', () => {
    const add = ['provider', 'add', 'openai'];

    it('reads a key without showing it', async () => {
      const { fake, home } = await configureCli();
      const terminal = inTerminal(add, envOf(home, fake.url));
      await terminal.shows('API key for openai:');
      terminal.type(`sk-typed-by-hand${ENTER}`);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(0);
      expect(screen).not.toContain('typed');
      expect(fake.state.credentials.openai?.credential_values.api_key).toBe('sk-typed-by-hand');
    });

    it('ends with 130 on Ctrl-C and restores the terminal', async () => {
      const { fake, home } = await configureCli();
      const terminal = inTerminal(add, envOf(home, fake.url), { after: 'echo "code=$?"; stty -a' });
      await terminal.shows('API key for openai:');
      terminal.type(CTRL_C);
      const { screen } = await terminal.ended;
      expect(screen).toContain('code=130');
      expect(screen).toMatch(/ icanon /);
      expect(screen).toMatch(/ echo /);
      expect(fake.state.credentials).toEqual({});
    });

    it('offers the models of the provider for an alias', async () => {
      const { fake, home, run } = await configureCli();
      await run(['provider', 'add', 'openai', '--from-stdin'], {}, 'sk-0123456789abcdef');
      const terminal = inTerminal(['alias', 'add', 'gpt-5', '--provider', 'openai'], envOf(home, fake.url));
      await terminal.shows('2  openai/gpt-4o-mini');
      terminal.type(`2${ENTER}`);
      expect((await terminal.ended).code).toBe(0);
      expect(fake.state.models).toMatchObject([{ name: 'gpt-5', params: { model: 'openai/gpt-4o-mini' } }]);
    });

    it('setup asks for provider, key and model, and Enter accepts the default model', async () => {
      const { fake, home } = await configureCli();
      const terminal = inTerminal(['setup'], envOf(home, fake.url));
      await terminal.shows('Which provider (number or name)?');
      terminal.type(`1${ENTER}`);
      await terminal.shows('API key for openai:');
      terminal.type(`sk-typed-by-hand${ENTER}`);
      await terminal.shows('Enter for openai/gpt-4o');
      terminal.type(ENTER);
      const { code, screen } = await terminal.ended;
      const standing = await standingOn(screen);
      expect(standing).toContain('\nWhich provider (number or name)? 1\nAPI key for openai:\n');
      expect(standing).toContain('\nWhich model (number or name; Enter for openai/gpt-4o)?\n');
      expect(standing).toContain('alias gpt-5 -> openai/gpt-4o: created');
      expect(code).toBe(0);
      expect(fake.state.credentials.openai?.credential_values.api_key).toBe('sk-typed-by-hand');
    });

    it('setup ends with a usage error when no provider is chosen', async () => {
      const { fake, home } = await configureCli();
      const terminal = inTerminal(['setup'], envOf(home, fake.url));
      await terminal.shows('Which provider (number or name)?');
      terminal.type(ENTER);
      expect(await terminal.ended).toMatchObject({ code: 2, screen: expect.stringContaining('Missing provider') });
      expect(fake.state).toMatchObject({ credentials: {}, models: [] });
    });
  });

  it('run: Ctrl-C reaches the child once, and run waits for it', async () => {
    const { fake, home } = await configureCli();
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    const script =
      "let n = 0; process.on('SIGINT', () => { n += 1; setTimeout(() => process.exit(40 + n), 300) }); setInterval(() => {}, 1000); console.log('child is ready')";
    const terminal = inTerminal(['run', '--', process.execPath, '-e', script], envOf(home, fake.url));
    await terminal.shows('child is ready');
    terminal.type(CTRL_C);
    expect((await terminal.ended).code).toBe(41);
  });

  it('run: a program may ignore Ctrl-C any number of times', async () => {
    const { fake, home } = await configureCli();
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    const script =
      "let n = 0; process.on('SIGINT', () => { n += 1; console.log('interrupt ' + n); if (n === 3) process.exit(43) }); setInterval(() => {}, 1000); console.log('child is ready')";
    const terminal = inTerminal(['run', '--', process.execPath, '-e', script], envOf(home, fake.url));
    await terminal.shows('child is ready');
    terminal.type(CTRL_C);
    await terminal.shows('interrupt 1');
    terminal.type(CTRL_C);
    await terminal.shows('interrupt 2');
    terminal.type(CTRL_C);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(43);
    expect(screen).toContain('interrupt 3');
  });

  describe('while progress is shown', () => {
    const IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
    const engine = {
      ...ENGINE,
      '/volumes/agents-llm_litellm_pgdata': 404,
      [`/images/${IMAGE}/json`]: 404,
      '/images/postgres:16-alpine/json': {},
    };

    it.each([
      ['SIGINT', 130, 'Interrupted'],
      ['SIGTERM', 143, 'Terminated by SIGTERM'],
    ] as const)('%s ends a command cleanly', async (signal, exit, message) => {
      docker = await fakeDocker({ cli: { ...COMPOSE, [`pull ${IMAGE}`]: { hangs: true } }, engine });
      const lock = join(docker.folder, 'home', 'agents-llm', 'lock');
      const terminal = inTerminal(['up', '--port', '4952'], withShell(docker));
      await terminal.shows('Downloading');
      const { pid } = JSON.parse(readFileSync(lock, 'utf8'));
      if (signal === 'SIGINT') terminal.type(CTRL_C);
      else process.kill(pid, signal);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(exit);
      expect(screen).toContain(message);
      expect(screen).toContain('hint:');
      expect(screen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(screen.lastIndexOf('\x1b[?25l'));
      expect(existsSync(lock)).toBe(false);
    });

    it('a second Ctrl-C ends a wait at once and restores the cursor', async () => {
      const { fake, home } = await configureCli();
      fake.faults.before = ({ path }) => (path === '/key/generate' ? new Promise(() => {}) : undefined);
      const env = { ...envOf(home, fake.url), OPENAI_API_KEY: 'sk-0123456789abcdef' };
      const terminal = inTerminal(['setup', '--no-check', '--target', 'openai/gpt-4o'], env);
      await terminal.shows('virtual key');
      const presses = setInterval(() => terminal.type(CTRL_C), 200);
      const { code, screen } = await terminal.ended;
      clearInterval(presses);
      expect(code).toBe(130);
      expect(screen).not.toContain('nterrupted');
      expect(screen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(screen.lastIndexOf('\x1b[?25l'));
    });
  });

  describe('down --volumes', () => {
    const down = 'compose -p agents-llm --project-directory ~/home/agents-llm -f ./docker-compose.yml down -v';
    const setUp = async () => {
      docker = await fakeDocker({
        engine: { ...ENGINE, '/volumes/agents-llm_litellm_pgdata': 404 },
        cli: { ...COMPOSE, [down]: {} },
      });
      const folder = join(docker.folder, 'home', 'agents-llm');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, '.env'), 'LITELLM_MASTER_KEY=\n');
      return { docker, file: join(folder, '.env') };
    };

    it.each([
      ['n', 3],
      ['', 3],
      [CTRL_D, 3],
      [CTRL_C, 130],
    ])('deletes nothing after the answer %j', async (answer, exit) => {
      const { docker, file } = await setUp();
      const terminal = inTerminal(['down', '--volumes'], withShell(docker));
      expect(await terminal.shows('Delete all of it? [y/N]')).toContain(file);
      terminal.type(answer === CTRL_C || answer === CTRL_D ? answer : `${answer}${ENTER}`);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(exit);
      expect(await standingOn(screen)).toContain(`? [y/N]${answer === 'n' ? ' n' : ''}\nerror: `);
      expect(existsSync(file)).toBe(true);
    });

    it.each([
      ['draws its progress, and gives the cursor back', 80],
      ['writes its progress by the line where there is no width to draw on', 0],
    ])('deletes after yes, and %s', async (_, columns) => {
      const { docker, file } = await setUp();
      const terminal = inTerminal(['down', '--volumes'], withShell(docker), { columns });
      await terminal.shows('Delete all of it? [y/N]');
      terminal.type(`y${ENTER}`);
      const { code, screen } = await terminal.ended;
      expect(code).toBe(0);
      expect(existsSync(file)).toBe(false);
      const [hidden, shown] = [screen.lastIndexOf('\x1b[?25l'), screen.lastIndexOf('\x1b[?25h')];
      expect(hidden >= 0).toBe(columns > 0);
      expect(shown).toBeGreaterThanOrEqual(hidden);
      expect(screen.length).toBeLessThan(5000);
    });
  });
});
