import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { Paint } from '../io/paint.ts';
import type { Progress } from '../io/progress.ts';
import type { Redaction } from '../redaction.ts';
import type { Outcome } from '../report.ts';
import type { Settings } from '../settings.ts';

/** What every command is given, beside its own flags. */
export interface Invocation {
  readonly context: Context;
  readonly settings: Settings;
  readonly progress: Progress;
  /** Colours for stdout. */
  readonly paint: Paint;
  readonly redaction: Redaction;
  /** Says it on stderr at once or, where the result is JSON, with it; whatever the command comes to. */
  readonly warn: (text: string) => void;
}

export type Run<Data> = (invocation: Invocation) => Promise<Outcome<Data>>;
export type Render<Data> = (data: Data, paint: Paint) => string;

/**
 * Carries out a command: settings from its flags, `run`, then its outcome as text or JSON.
 * `render` is null for a command that writes its result itself, line by line.
 */
export type Invoke = <Data>(command: Command, run: Run<Data>, render: Render<Data> | null) => Promise<void>;

/** Gives a command its flags, help and action. Loaded when the command is called, so that others cost no time. */
export type Register = (command: Command, invoke: Invoke) => void;
