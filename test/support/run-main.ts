import { PassThrough } from 'node:stream';
import { outputTo } from '../../src/io/terminal/streams.ts';
import { main } from '../../src/main.ts';
import { fakeInvocation } from './fake-invocation.ts';
import type { BinResult } from './run-bin.ts';

/** A command line in this process, for what needs nothing but its words: any access outside `home` is an error. */
export async function runMain(args: readonly string[], home: string): Promise<BinResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { context } = fakeInvocation({ home, env: { HOME: home, PATH: '/nonexistent' } });
  const streams = { ...context.streams, stdout: outputTo(stdout), stderr: outputTo(stderr) };
  const code = await main(args, { ...context, streams });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
