import { describe, expect, it } from 'vitest';
import { paintFor, plainPaint, wantsColour } from '../../../../src/io/terminal/paint.ts';

describe('wantsColour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '1', TERM: 'dumb' }, false, true],
  ])('decides for the environment %o on a terminal (%s): %s', (env, isTerminal, wanted) =>
    expect(wantsColour(env, isTerminal)).toBe(wanted),
  );
});

describe('paintFor', () => {
  const styles = Object.keys(plainPaint) as (keyof typeof plainPaint)[];

  it('leaves text unchanged without colour', async () => {
    const paint = await paintFor({}, false);
    for (const style of styles) expect(paint[style]('text')).toBe('text');
  });

  it('gives each style its own sequence with colour, whatever the environment', async () => {
    const paint = await paintFor({ FORCE_COLOR: '1' }, false);
    const painted = styles.map((style) => paint[style]('text'));
    expect(new Set(painted).size).toBe(styles.length);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one.
    for (const text of painted) expect(text).toMatch(/^\u001b\[\d+mtext\u001b\[\d+m$/);
  });
});
