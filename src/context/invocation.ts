import type { Paint } from '../io/terminal/paint.ts';
import type { Progress } from '../io/terminal/progress.ts';
import type { Redaction } from '../model/redaction.ts';
import type { Settings } from '../model/settings.ts';
import type { Context } from './context.ts';

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
