import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { carryOut, planConnection } from '../../../src/agents/connect/connect-agent.ts';
import { connectable } from '../../../src/agents/connect/connections.ts';
import { type DoctorWorld, doctorWorld, NOW } from '../../support/doctor-world.ts';

interface Wish {
  readonly agent?: string;
  readonly root?: string;
  readonly model?: string;
  readonly isOwnStack?: boolean;
  readonly keyAlias?: string;
}

/** A stack with which all is well, and an agent that uses it. */
async function connectedWorld(wish: Wish = {}) {
  const world = await doctorWorld();
  const key = await connect(world, wish);
  const found = async () => {
    const { data, exitCode } = await world.doctor();
    const others = data.checks.filter(({ id, status }) => id !== 'connected-agents' && status === 'warn');
    return { ...data.checks.find(({ id }) => id === 'connected-agents'), exitCode, others };
  };
  const row = () => world.fake.state.keys.find(({ raw }) => raw === key) ?? {};
  return { world, key, file: join(world.invocation().context.home, '.claude', 'settings.json'), found, row };
}

async function connect(world: DoctorWorld, wish: Wish): Promise<string> {
  const { agent = 'claude', root = world.fake.url, model = 'gpt-5', isOwnStack = true } = wish;
  const keyAlias = wish.keyAlias ?? `agent-${agent}`;
  const { raw } = world.fake.addKey({ key_alias: keyAlias });
  const { context, settings } = world.invocation();
  const folder = settings.paths.agents;
  await mkdir(world.folder, { recursive: true, mode: 0o700 });
  const connecting = { folder, access: { root, key: raw, model }, isOwnStack, keyAlias };
  await carryOut(folder, await planConnection(connectable(agent), connecting, context), context);
  return raw;
}

const AGAIN = 'Connect it again: agents-llm connect claude';
const REST = 'Or take the rest back: agents-llm disconnect claude';

test('reports no problem when no agent is connected', async () => {
  const world = await doctorWorld();
  const { data } = await world.doctor();
  expect(data.checks.find(({ id }) => id === 'connected-agents')).toMatchObject({
    status: 'ok',
    seen: 'No coding agent is connected',
  });
});

test('reports no problem when each agent is still connected as configured', async () => {
  const { world, found } = await connectedWorld();
  await connect(world, { agent: 'codex' });
  expect(await found()).toMatchObject({
    status: 'ok',
    seen: 'Settings, address and key are valid: claude, codex',
    fix: null,
    others: [],
    exitCode: 0,
  });
});

test('does not check the address and key of another gateway', async () => {
  const { world, found, file } = await connectedWorld({ root: 'https://llm.corp', isOwnStack: false });
  world.fake.state.keys.length = 0;
  expect(await found()).toMatchObject({
    status: 'ok',
    seen: 'The settings are as connect wrote them: claude uses https://llm.corp',
  });
  await rm(file);
  expect(await found()).toMatchObject({ status: 'warn', fix: `${AGAIN} --base-url https://llm.corp\n${REST}` });
});

test('waits for the gateway, but checks the files first', async () => {
  const { world, found, file } = await connectedWorld();
  world.services = [];
  expect(await found()).toMatchObject({ status: 'skip', seen: 'Not checked until the gateway is ready' });
  await rm(file);
  expect(await found()).toMatchObject({ status: 'warn', seen: `Claude Code: ${file} no longer exists` });
});

type World = Awaited<ReturnType<typeof connectedWorld>>;

describe('the warning for a connected agent that no longer reaches the gateway', () => {
  test.each<[string, (world: World) => unknown, string | RegExp, string]>([
    [
      'a file that has changed',
      async ({ file }) => writeFile(file, (await readFile(file, 'utf8')).replace('"gpt-5"', '"mine"')),
      /^Claude Code: .*settings\.json has changed since connect wrote it \(env\.ANTHROPIC_MODEL\)$/,
      `${AGAIN}\n${REST}`,
    ],
    ['no file', ({ file }) => rm(file), /settings\.json no longer exists$/, `${AGAIN}\n${REST}`],
    ['a file that is not valid', ({ file }) => writeFile(file, '{'), /is not valid JSON$/, `${AGAIN}\n${REST}`],
    [
      'a folder in its place',
      async ({ file }) => {
        await rm(file);
        await mkdir(file);
      },
      /settings\.json is unreadable \(EISDIR\)$/,
      `${AGAIN}\n${REST}`,
    ],
    [
      'another port',
      moveReceipt,
      /^Claude Code uses http:\/\/127\.0\.0\.1:9, but this gateway is at http:\/\/127\.0\.0\.1:\d+$/,
      AGAIN,
    ],
    [
      'a key that was deleted',
      ({ world, key }) => {
        world.fake.state.keys = world.fake.state.keys.filter(({ raw }) => raw !== key);
      },
      'Claude Code: its virtual key agent-claude no longer exists in LiteLLM',
      AGAIN,
    ],
    [
      'a key that was replaced by another of that name',
      ({ world, key }) => {
        world.fake.state.keys = world.fake.state.keys.filter(({ raw }) => raw !== key);
        world.fake.addKey({ key_alias: 'agent-claude' });
      },
      'Claude Code: its virtual key agent-claude no longer exists in LiteLLM',
      AGAIN,
    ],
    [
      'a key that is blocked',
      ({ row }) => Object.assign(row(), { blocked: true }),
      'Claude Code: its virtual key agent-claude is blocked in LiteLLM',
      `Replace the key: agents-llm provision-key --alias agent-claude --rotate\n${AGAIN}`,
    ],
    [
      'a budget that is spent',
      ({ row }) => Object.assign(row(), { max_budget: 5, spend: 5.01 }),
      'Claude Code: its virtual key agent-claude has spent its budget of $5',
      'Raise it: agents-llm connect claude --max-budget DOLLARS',
    ],
    [
      'a model that was removed',
      ({ world }) => {
        world.fake.state.models.length = 0;
      },
      'Claude Code: its model gpt-5 no longer exists in LiteLLM',
      'Create it: agents-llm alias add gpt-5 --target openai/gpt-4o --provider openai',
    ],
    [
      'a damaged receipt',
      ({ world }) => world.write('agents/claude/receipt.json', '{"schemaVersion": 7}'),
      /receipt\.json is damaged, so it is unknown what connect wrote for claude$/,
      'Remove the settings of the gateway by hand, then this file: rm ',
    ],
  ])('%s', async (_, change, seen, fix) => {
    const connected = await connectedWorld();
    await change(connected);
    const finding = await connected.found();
    expect(finding).toMatchObject({ status: 'warn', code: null, others: [], exitCode: 0 });
    expect(finding.seen).toMatch(seen);
    expect(finding.fix?.startsWith(fix)).toBe(true);
    expect(JSON.stringify(finding)).not.toContain(connected.key);
  });

  test('a key that has expired', async () => {
    const { row, found } = await connectedWorld();
    Object.assign(row(), { expires: new Date(NOW - 1000).toISOString() });
    expect(await found()).toMatchObject({
      status: 'warn',
      seen: 'Claude Code: its virtual key agent-claude has expired',
      fix: AGAIN,
      others: [expect.objectContaining({ id: 'expiring-keys' })],
    });
  });

  test('repeats the options of connect in the suggested command', async () => {
    const { world, found, file } = await connectedWorld({ model: 'fast', keyAlias: 'my key' });
    world.fake.state.models.push({ id: 'f', name: 'fa*', params: {}, live: true });
    expect(await found()).toMatchObject({ status: 'ok' });
    await rm(file);
    expect((await found()).fix).toBe(
      `Connect it again: agents-llm connect claude --model fast --key-alias 'my key'\n${REST}`,
    );
  });

  test('reports every fault, and each fix once', async () => {
    const { world, file, found } = await connectedWorld();
    await rm(file);
    world.fake.state.models.length = 0;
    await connect(world, { agent: 'codex' });
    const { seen, fix } = await found();
    expect(seen?.split('; ')).toHaveLength(3);
    expect(fix?.match(/^Create it:/gm)).toHaveLength(1);
  });
});

/** As if the stack had been on another port when the agent was connected. */
async function moveReceipt({ world }: World): Promise<void> {
  const path = join(world.folder, 'agents', 'claude', 'receipt.json');
  const receipt = await readFile(path, 'utf8');
  await writeFile(path, receipt.replace(world.fake.url, 'http://127.0.0.1:9'));
}
