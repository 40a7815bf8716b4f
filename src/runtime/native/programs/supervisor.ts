import process from 'node:process';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../../io/clock.ts';
import { systemFiles } from '../../../io/files/files.ts';
import { systemProcesses } from '../../../io/processes/processes.ts';
import { rotateLog } from '../supervisor/log-rotation.ts';
import { startProcess } from '../supervisor/service-process.ts';
import { supervise } from '../supervisor/supervise.ts';
import type { SupervisedService } from '../supervisor/supervised-service.ts';

// Keeps one service running, in a session of its own: its description on stdin, `begun` on stdout, then silence.

const ROTATE_EVERY_MS = 5000;

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
// The program that started it may have ended, and its terminal with it.
for (const signal of ['SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
process.stdout.on('error', () => undefined);

const processes = systemProcesses(process.kill.bind(process));
const service = JSON.parse(await text(process.stdin)) as SupervisedService;
const identity = (await processes.identity(process.pid)) ?? '';
let hasBegun = false;
const rotation = setInterval(() => void rotateLog(service.log).catch(() => undefined), ROTATE_EVERY_MS);

const supervision = supervise(service, {
  self: { pid: process.pid, identity },
  files: systemFiles,
  clock: systemClock,
  processes,
  startProcess,
  stop: stop.signal,
  onBegun() {
    if (!hasBegun) process.stdout.write('begun\n');
    hasBegun = true;
  },
});
await supervision.catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
clearInterval(rotation);
