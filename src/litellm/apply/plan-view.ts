import type { Paint } from '../../io/terminal/paint.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import type { Step } from './plan.ts';

export type PlannedStep = Omit<Step, 'work'>;

const SIGNS = { create: '+', update: '~', remove: '-' } as const;
const COLOURS = { create: 'green', update: 'yellow', remove: 'red' } as const;

/** `+ alias gpt-5: openai/gpt-4o, by openai` */
export function stepLine({ action, kind, name, changes }: PlannedStep): string {
  const what = changes.length > 0 ? `: ${changes.map(cleanMessage).join(', ')}` : '';
  return `${SIGNS[action]} ${kind} ${cleanMessage(name)}${what}`;
}

export function stepLines(plan: readonly PlannedStep[], paint: Paint): readonly string[] {
  return plan.map((step) => paint[COLOURS[step.action]](stepLine(step)));
}

/** `1 created, 2 updated` */
export function countSteps(plan: readonly PlannedStep[], words: Readonly<Record<Step['action'], string>>): string {
  const counts = (['create', 'update', 'remove'] as const).map((action) => ({
    word: words[action],
    count: plan.filter((step) => step.action === action).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`)
    .join(', ');
}
