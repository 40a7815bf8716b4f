import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSpecification, TestSuite, Vitest } from 'vitest/node';
import { type SkippedCase, skippedSummary } from './skipped-summary.ts';

/** Tells which group runs and how many files it has, each step of the end-to-end story, and at the end what was skipped and why. */
export class SuiteReporter implements Reporter {
  private vitest: Vitest | undefined;
  private filesOf = new Map<string, number>();
  private readonly begun = new Set<string>();

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.begun.clear();
    this.filesOf = new Map();
    for (const { project } of specifications) this.filesOf.set(project.name, (this.filesOf.get(project.name) ?? 0) + 1);
  }

  onTestModuleQueued({ project: { name } }: TestModule): void {
    if (this.begun.has(name)) return;
    this.begun.add(name);
    const files = this.filesOf.get(name) ?? 0;
    this.log(`\n ${name} (${this.begun.size} of ${this.filesOf.size}): ${files} test file${files === 1 ? '' : 's'}\n`);
  }

  onTestCaseResult(test: TestCase): void {
    if (test.project.name !== 'story' || test.result().state === 'skipped') return;
    const seconds = Math.round((test.diagnostic()?.duration ?? 0) / 1000);
    const mark = test.result().state === 'passed' ? '✓' : '✗';
    const suite = test.parent.type === 'suite' ? `${test.parent.name}: ` : '';
    this.log(` ${mark} ${suite}${test.name} (${seconds} s)`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')].map(skippedCase));
    // With a pattern of names all others count as skipped.
    if (skipped.length > 0 && !this.vitest?.config.testNamePattern) this.log(skippedSummary(skipped));
  }

  private log(text: string): void {
    this.vitest?.logger.log(text);
  }
}

function skippedCase(test: TestCase): SkippedCase {
  const suites = suitesOf(test);
  // Vitest also calls a suite skipped whose tests all are: only one that names a reason was.
  const whole = suites.find(({ options, name }) => options.mode === 'skip' && / \(.+\)$/s.test(name));
  const named = whole ?? test;
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  const [, name = named.name, reason] = /^(.*?)(?: \((.*)\))?$/s.exec(named.name) ?? [];
  const above = whole ? suites.slice(0, suites.indexOf(whole)) : suites;
  return {
    path: [
      relative(process.cwd(), test.module.moduleId),
      ...above.map((suite) => suite.name),
      note ? named.name : name,
    ],
    reason: note ?? reason,
  };
}

/** The outermost first. */
function suitesOf({ parent }: TestCase | TestSuite): TestSuite[] {
  return parent.type === 'suite' ? [...suitesOf(parent), parent] : [];
}
