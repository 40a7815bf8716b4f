import { type ConfigDocument, readDocument } from '../config/config-document.ts';
import { shownPath } from '../gateway-config/litellm-rules.ts';
import type { ImportLine, Recorder } from './import-report.ts';

/** Records how each entry of a file is converted, with its line. */
export function recorderOf(text: string, file: string, document = documentOf(text)) {
  const lines: ImportLine[] = [];
  const record: Recorder = (action, path, said) => {
    const line = document?.issueOfName(path, '').line ?? 1;
    lines.push({ action, file, line, path: shownPath(path), text: said });
  };
  return { lines, record };
}

/** Undefined for what only Compose can read, such as its own tags. */
function documentOf(text: string): ConfigDocument | undefined {
  const document = readDocument(text, 'litellm');
  return 'value' in document ? document : undefined;
}
