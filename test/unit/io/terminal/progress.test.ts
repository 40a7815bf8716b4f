import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { plainProgress, silentProgress } from '../../../../src/io/terminal/progress.ts';
import { outputTo } from '../../../../src/io/terminal/streams.ts';
import { fakeClock } from '../../../support/fake-clock.ts';

function scene() {
  const stream = new PassThrough({ encoding: 'utf8' });
  const clock = fakeClock();
  return { clock, progress: plainProgress(outputTo(stream), clock), shown: () => stream.read() ?? '' };
}

describe('plainProgress', () => {
  it('writes one line for each phase, with the elapsed time', async () => {
    const { clock, progress, shown } = scene();
    progress.phase('pulling');
    await clock.sleep(12_345);
    progress.phase('starting the proxy');
    progress.end(true);
    expect(shown()).toBe('[0 ms] pulling\n[12.3 s] starting the proxy\n');
  });

  it('writes a repeated phase once, and again after another phase', () => {
    const { progress, shown } = scene();
    for (const phase of ['a', 'a', 'b', 'a']) progress.phase(phase);
    expect(shown()).toBe('[0 ms] a\n[0 ms] b\n[0 ms] a\n');
  });

  it('writes notes but no details', () => {
    const { progress, shown } = scene();
    progress.detail('50 %');
    progress.note('a note');
    progress.end(false);
    expect(shown()).toBe('a note\n');
  });
});

it('silentProgress accepts everything and shows nothing', () => {
  silentProgress.phase('a');
  silentProgress.detail('b');
  silentProgress.note('c');
  silentProgress.end(true);
});
