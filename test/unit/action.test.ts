import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { evaluate } from '../support/action-expression.ts';
import { type ActionStep, readAction } from '../support/composite-action.ts';

const text = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const ACTIONS = ['action.yml', 'down/action.yml'] as const;
const WORKFLOWS = ['.github/workflows/ci.yml', '.github/workflows/release.yml'];

describe.each(ACTIONS)('%s', (path) => {
  const action = readAction(path);

  it('is composite, and its scripts run in bash', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run, shell } of action.runs.steps) if (run) expect(shell).toBe('bash');
  });

  it('puts nothing that others may have written into a script', () => {
    for (const { run } of action.runs.steps) expect(run ?? '').not.toContain('${{');
  });

  it('uses each of its inputs, which the README names', () => {
    for (const [name, { description, default: usual }] of Object.entries(action.inputs)) {
      expect(text(path)).toMatch(new RegExp(`inputs\\.${name}\\b`));
      expect(text('README.md')).toContain(`\`${name}\``);
      expect(description).toMatch(/\w.*\.$/);
      expect(usual).toBeTypeOf('string');
    }
  });
});

it('uses one version of each action of others', () => {
  const jobs = WORKFLOWS.flatMap((path) =>
    Object.values((parse(text(path)) as { jobs: Record<string, { steps: ActionStep[] }> }).jobs),
  );
  const steps = [...jobs.flatMap(({ steps }) => steps), ...ACTIONS.flatMap((path) => readAction(path).runs.steps)];
  const uses = new Set(steps.flatMap((step) => (step.uses?.includes('@') ? [step.uses] : [])));
  const names = [...uses].map((each) => each.split('@')[0]);
  expect(names).toEqual([...new Set(names)]);
});

describe('the expressions of the tests', () => {
  const scope = { names: { 'inputs.logs': 'failure', 'job.status': 'success', 'inputs.empty': '' }, failed: true };

  it.each([
    ["inputs.logs == 'failure'", true],
    ["inputs.logs == 'always' || (inputs.logs == 'failure' && job.status == 'failure')", false],
    ["inputs.empty != ''", false],
    ['failure()', true],
    ['always()', true],
    ['inputs.logs', 'failure'],
    ["'it''s'", "it's"],
  ])('%s is %s', (expression, value) => expect(evaluate(expression, scope)).toBe(value));

  it.each(['inputs.unknown', 'inputs.logs == ', "contains(inputs.logs, 'f')", "(inputs.logs == 'a'", 'a + b'])(
    'refuses %s',
    (expression) => expect(() => evaluate(expression, scope)).toThrow(),
  );
});
