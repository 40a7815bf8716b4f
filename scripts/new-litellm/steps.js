/** @typedef {'ok' | 'failed' | 'left out'} StepState */
/** @typedef {{ name: string, title: string, state: StepState, says: string }} StepResult */
/** @typedef {() => Promise<readonly string[]> | readonly string[]} Work */

export const STEPS = /** @type {const} */ (['release', 'advisories', 'lock', 'image', 'contract', 'pins', 'upgrade']);
/** @typedef {(typeof STEPS)[number]} StepName */

/**
 * The steps that `--only` names, and those that write what the pins name; all without it.
 * @param {string | undefined} only
 * @returns {ReadonlySet<StepName>}
 */
export function chosenSteps(only) {
  if (only === undefined) return new Set(STEPS);
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !STEPS.some((step) => step === name));
  if (unknown !== undefined) throw new Error(`Unknown step "${unknown}". Use some of ${STEPS.join(', ')}`);
  const needed = names.includes('pins') ? [...names, 'lock', 'contract'] : names;
  return new Set(STEPS.filter((step) => needed.includes(step)));
}

/**
 * Carries out steps one after the other. A step that fails does not end the others.
 * @param {ReadonlySet<StepName>} chosen
 * @param {(text: string) => void} print
 */
export function createSteps(chosen, print) {
  /** @type {StepResult[]} */
  const results = [];
  /**
   * @param {StepName} name
   * @param {string} title
   * @param {Work} work
   */
  const run = async (name, title, work) => {
    if (!chosen.has(name)) return;
    print(`\n==> ${title}\n`);
    try {
      const lines = await work();
      print(lines.length > 0 ? `${lines.join('\n')}\n` : 'Nothing changed\n');
      results.push({ name, title, state: 'ok', says: lines.length > 0 ? counted(lines) : 'nothing changed' });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      print(`Failed: ${text}\n`);
      results.push({ name, title, state: 'failed', says: firstLine(text) });
    }
  };
  /**
   * @param {StepName} name
   * @param {string} title
   * @param {string} why
   */
  const leaveOut = (name, title, why) => {
    if (chosen.has(name)) results.push({ name, title, state: 'left out', says: why });
  };
  return { run, leaveOut, results, failed: () => results.some(({ state }) => state === 'failed') };
}

/**
 * A line for each step, with its state and what it found.
 * @param {readonly StepResult[]} results
 */
export function summary(results) {
  const width = Math.max(0, ...results.map(({ title }) => title.length));
  return results.map(({ state, title, says }) => `${state.padEnd(8)}  ${title.padEnd(width)}  ${says}\n`).join('');
}

/** @param {readonly string[]} lines */
const counted = (lines) => (lines.length === 1 ? firstLine(lines[0] ?? '') : `${lines.length} lines above`);

/** @param {string} text */
const firstLine = (text) => text.trim().split('\n')[0] ?? '';
