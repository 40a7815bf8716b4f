import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { outputTo } from '../../../../src/io/terminal/streams.ts';

function failing(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
}

describe('outputTo', () => {
  it('writes to its stream, and knows whether it is a terminal', () => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 120 });
    const output = outputTo(stream);
    output.write('text');
    expect(stream.read()).toBe('text');
    expect(output).toMatchObject({ isTerminal: true, columns: 120 });
    stream.columns = 60;
    expect(output.columns).toBe(60);
    expect(outputTo(new PassThrough())).toMatchObject({ isTerminal: false, columns: 80 });
  });

  it('treats a reader that has closed the pipe as the end, and not as an error', async () => {
    const output = outputTo(failing('EPIPE'));
    output.write('text');
    if (!output.closed.aborted) await new Promise((resolve) => output.closed.addEventListener('abort', resolve));
    expect(() => output.write('more')).not.toThrow();
  });
});
