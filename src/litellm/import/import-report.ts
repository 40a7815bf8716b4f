export type ImportAction = 'taken' | 'changed' | 'left out' | 'ignored';

/** What happened to one entry of an imported configuration. */
export interface ImportLine {
  readonly action: ImportAction;
  readonly file: string;
  /** The line in that file, starting at 1. */
  readonly line: number;
  /** `general_settings.master_key`. */
  readonly path: string;
  readonly text: string;
}

export type Path = readonly PropertyKey[];

export type Recorder = (action: ImportAction, path: Path, text: string) => void;
