import type { Command } from 'commander';
import type { Invocation } from '../context/invocation.ts';
import type { Paint } from '../io/terminal/paint.ts';
import type { Outcome } from '../model/report.ts';

export type Run<Data> = (invocation: Invocation) => Promise<Outcome<Data>>;

export type Render<Data> = (data: Data, paint: Paint) => string;

/**
 * Carries out a command: settings from its flags, `run`, then its outcome as text or JSON.
 * `render` is null for a command that writes its result itself, line by line.
 */
export type Invoke = <Data>(command: Command, run: Run<Data>, render: Render<Data> | null) => Promise<void>;

/** Gives a command its flags, help and action. Loaded when the command is called, so that others cost no time. */
export type Register = (command: Command, invoke: Invoke) => void;
