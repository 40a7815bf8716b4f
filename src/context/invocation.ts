import type { Paint } from '../io/terminal/paint.ts';
import type { Progress } from '../io/terminal/progress.ts';
import type { Redaction } from '../model/redaction.ts';
import type { Settings } from '../model/settings.ts';
import type { Context } from './context.ts';

/** What a command may touch, and the project that it is about. */
export interface Workplace {
  readonly context: Context;
  readonly settings: Settings;
}

/** Something that takes a while, and tells how far it is. */
export interface Task extends Workplace {
  readonly progress: Progress;
}

/** A task that meets secrets, which no output may hold. */
export interface Operation extends Task {
  readonly redaction: Redaction;
}

/** What every command is given, beside its own flags. */
export interface Invocation extends Operation {
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Says it on stderr at once or, where the result is JSON, with it; whatever the command comes to. */
  readonly warn: (text: string) => void;
}
