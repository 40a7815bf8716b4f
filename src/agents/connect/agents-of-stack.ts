import type { Files } from '../../io/files/files.ts';
import { connectedAgents, readReceipt } from './receipt.ts';

export interface AgentOfStack {
  readonly agent: string;
  readonly title: string;
}

/** The agents whose settings lead to the stack of the project; one with a damaged receipt counts, because nobody can tell. */
export async function agentsOfStack(
  files: Pick<Files, 'list' | 'read' | 'size'>,
  folder: string,
): Promise<readonly AgentOfStack[]> {
  const names = await connectedAgents(files, folder);
  if (names.length === 0) return [];
  const { titleOf } = await import('./connections.ts');
  const own = await Promise.all(
    names.map(async (name) => (await readReceipt(files, folder, name).catch(() => undefined))?.isOwnStack ?? true),
  );
  return names.filter((_, index) => own[index]).map((agent) => ({ agent, title: titleOf(agent) }));
}
