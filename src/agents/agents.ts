import { CliError } from '../model/errors.ts';
import { didYouMean } from '../text/similar-name.ts';
import type { Agent } from './agent.ts';
import { aider } from './table/aider.ts';
import { claude } from './table/claude.ts';
import { codex } from './table/codex.ts';
import { copilot } from './table/copilot.ts';
import { crush } from './table/crush.ts';
import { gemini } from './table/gemini.ts';
import { goose } from './table/goose.ts';
import { opencode } from './table/opencode.ts';
import { qwen } from './table/qwen.ts';

/** In the order in which they are listed. */
export const AGENTS: readonly Agent[] = [claude, codex, gemini, opencode, aider, qwen, copilot, crush, goose];

/** Throws `usage` for an unknown name, with the nearest known one. */
export function agentNamed(name: string): Agent {
  const agent = AGENTS.find((row) => row.name === name);
  if (agent) return agent;
  const names = AGENTS.map((row) => row.name);
  throw new CliError('usage', `Unknown agent "${name}"${didYouMean(name, names)}`, {
    hint: `Use one of ${names.join(', ')}, or start any other program on the gateway: agents-llm run -- COMMAND`,
    details: { agent: name, agents: names },
  });
}
