import { describe, it, type TestFunction, type TestOptions } from 'vitest';

/** Why something that is read from Linux's /proc cannot be tested here. */
export const notOnLinux = process.platform === 'linux' ? undefined : 'only Linux has /proc';

/** `describe` where nothing is missing. Otherwise all of it is skipped and its name says why, which the summary shows. */
export const describeUnless = (missing: string | undefined) => (name: string, story: () => void) =>
  missing === undefined ? describe(name, story) : describe.skip(`${name} (${missing})`, story);

/** `it` where nothing is missing. Otherwise it is skipped and its name says why, which the summary shows. */
export const itUnless =
  (missing: string | undefined) =>
  (name: string, run: TestFunction, options: TestOptions = {}) =>
    missing === undefined ? it(name, options, run) : it.skip(`${name} (${missing})`, run);

/** `it` for tests on several stacks that only some of them have. On the others nothing is skipped. */
export const itWhere = (applies: boolean) => (name: string, run: TestFunction) => applies && it(name, run);
