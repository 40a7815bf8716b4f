import { shownValue } from '../../text/shown-value.ts';
import type { Config } from '../config/config.ts';
import { describeConfig } from '../config/describe-config.ts';
import { isKnownImage } from '../releases/known-images.ts';
import type { Shown } from '../trust/file-consent.ts';
import type { WholePlan } from './plan.ts';
import { stepLine } from './plan-view.ts';

/** The content of a file, as `up` shows it before there is a gateway to compare it with. */
export function shownFile(config: Config, risks: readonly string[]): Shown {
  const described = describeConfig(config, isKnownImage);
  const lines = described.map(({ text, isNotable }) => ({ text, isNotable }));
  return { lines: notableLast(lines), risks, command: 'up' };
}

/** The steps and, because consent covers the whole file, everything else in it that may do harm. */
export function shownPlan(config: Config, { steps, risks }: WholePlan): Shown {
  const notable = describeConfig(config, isKnownImage).filter(({ isNotable }) => isNotable);
  const heads = new Set(notable.map(({ head }) => head));
  const planned = steps.map((step) => ({ head: `${step.kind} ${shownValue(step.name)}`, text: stepLine(step) }));
  const inPlan = new Set(planned.map(({ head }) => head));
  const lines = [
    ...planned.map(({ head, text }) => ({ text, isNotable: heads.has(head) })),
    ...notable.filter(({ head }) => !inPlan.has(head)),
  ];
  return { lines: notableLast(lines), risks, command: 'apply' };
}

/** Puts notable lines next to the question, so that a long file does not push them off the screen. */
function notableLast(lines: readonly { readonly text: string; readonly isNotable: boolean }[]): readonly string[] {
  return [
    ...lines.filter(({ isNotable }) => !isNotable).map(({ text }) => text),
    ...lines.filter(({ isNotable }) => isNotable).map(({ text }) => `! ${text}`),
  ];
}
