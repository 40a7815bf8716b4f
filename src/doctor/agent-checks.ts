import type { ConnectionFault, GatewayNow } from '../agents/connect/examine-connection.ts';
import { connectedAgents, type Receipt, readReceipt } from '../agents/connect/receipt.ts';
import { CliError } from '../model/errors.ts';
import { listed } from '../text/shown-text.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, ok, skip, warn } from './finding.ts';
import type { Lookup } from './lookup.ts';

export const AGENT_CHECKS: readonly Check[] = [{ id: 'connected-agents', run: checkAgents }];

async function checkAgents(stack: ExaminedStack): Promise<Finding> {
  const { context, settings } = stack.invocation;
  const names = await connectedAgents(context.files, settings.paths.agents);
  if (names.length === 0) return ok('No coding agent is connected');
  const read = await Promise.all(names.map((name) => receiptOrFault(name, stack)));
  const receipts = read.filter((each): each is Receipt => 'agent' in each);
  const damaged = read.filter((each): each is ConnectionFault => 'seen' in each);
  const gateway = receipts.some(({ isOwnStack }) => isOwnStack) ? await gatewayNow(stack) : undefined;
  const faults = [...damaged, ...(await faultsOf(receipts, gateway, stack))];
  if (faults.length === 0) return withoutFault(receipts, gateway);
  const fixes = new Set(faults.flatMap(({ fix }) => fix.split('\n')));
  return warn(faults.map(({ seen }) => seen).join('; '), [...fixes].join('\n'));
}

async function receiptOrFault(name: string, { invocation }: ExaminedStack): Promise<Receipt | ConnectionFault> {
  const { context, settings } = invocation;
  try {
    const receipt = await readReceipt(context.files, settings.paths.agents, name);
    return receipt ?? { seen: `The receipt of ${name} has just been removed`, fix: 'Run again: agents-llm doctor' };
  } catch (error) {
    if (!(error instanceof CliError) || error.hint === null) throw error;
    return { seen: error.message, fix: error.hint };
  }
}

async function faultsOf(
  receipts: readonly Receipt[],
  gateway: GatewayNow | undefined,
  { invocation }: ExaminedStack,
): Promise<readonly ConnectionFault[]> {
  // Loaded only here, because the editors of settings files are large and few stacks have a connected agent.
  const [{ examineConnection }, { titleOf }] = await Promise.all([
    import('../agents/connect/examine-connection.ts'),
    import('../agents/connect/connections.ts'),
  ]);
  const { files } = invocation.context;
  const found = receipts.map((receipt) =>
    examineConnection(receipt, titleOf(receipt.agent), receipt.isOwnStack ? gateway : undefined, files),
  );
  return (await Promise.all(found)).flat();
}

/** A failed lookup is reported by the check that owns it. */
async function gatewayNow({ url, keys, models, invocation }: ExaminedStack): Promise<GatewayNow | undefined> {
  const known = <Value>(read: Lookup<Value>) => read().catch(() => undefined);
  const [address, keyRows, modelRows] = await Promise.all([known(url), known(keys), known(models)]);
  if (address === undefined) return undefined;
  const rows = keyRows && modelRows ? { keys: keyRows, models: modelRows } : undefined;
  return { url: address, rows, now: invocation.context.clock.now() };
}

function withoutFault(receipts: readonly Receipt[], gateway: GatewayNow | undefined): Finding {
  const own = receipts.filter(({ isOwnStack }) => isOwnStack).map(({ agent }) => agent);
  const others = receipts.filter(({ isOwnStack }) => !isOwnStack);
  const elsewhere = others.map(({ agent, gateway: url }) => `${agent} uses ${url}`);
  if (own.length === 0) return ok(`The settings are as connect wrote them: ${listed(elsewhere)}`);
  if (gateway?.rows === undefined) return skip('Not checked until the gateway is ready');
  return ok(`Settings, address and key are valid: ${listed([...own, ...elsewhere])}`);
}
