import { spawn } from 'node:child_process';
import { closeSync, constants as flags, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { SupervisedService } from './supervised-service.ts';

export interface ServiceEnd {
  readonly exitCode: number;
  /** Why it could not be started; otherwise empty. */
  readonly error: string;
}

export interface ServiceProcess {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  readonly ended: Promise<ServiceEnd>;
}

export type StartProcess = (service: SupervisedService) => ServiceProcess;

/** Starts the service as the leader of a process group, so that its remains can be killed with it. */
export const startProcess: StartProcess = ({ file, args, env, cwd, user, log: path }) => {
  const log = openSync(path, flags.O_WRONLY | flags.O_APPEND | flags.O_CREAT | flags.O_NOFOLLOW, 0o600);
  const child = spawn(file, args, { env: { ...env }, cwd, ...user, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<ServiceEnd>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: 127, error: error.message }));
    child.once('exit', (code, signal) => {
      resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0), error: '' });
    });
  });
  return { pid: child.pid, ended };
};
