import type { Paint } from '../io/terminal/paint.ts';
import type { Progress } from '../io/terminal/progress.ts';
import type { Redaction } from '../model/redaction.ts';
import type { Settings } from '../model/settings.ts';
import type { Context } from './context.ts';

/** What a command may touch, and the project that it works on. */
export interface Workplace {
  readonly context: Context;
  readonly settings: Settings;
}

/** A long operation, which shows its progress. */
export interface Task extends Workplace {
  readonly progress: Progress;
}

/** A task that handles secrets, which must not appear in any output. */
export interface Operation extends Task {
  readonly redaction: Redaction;
}

/** What every command receives besides its own flags. */
export interface Invocation extends Operation {
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Prints a warning on stderr at once or, with `--json`, in the result, whether the command succeeds or fails. */
  readonly warn: (text: string) => void;
}
