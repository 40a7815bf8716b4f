import { resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { CliError } from '../../model/errors.ts';
import { isRecord } from '../../text/json.ts';
import { configInvalid, readDocument } from '../config/config-document.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import { placeOf } from '../config/find-config.ts';
import { shownPath } from '../gateway-config/litellm-rules.ts';
import { readCompose } from './compose-source.ts';
import { importLitellm } from './import-litellm.ts';
import type { ImportLine } from './import-report.ts';

export interface ImportFlags {
  readonly fromLitellm?: string | undefined;
  readonly fromCompose?: string | undefined;
}

export interface Imported {
  /** The file that was read. */
  readonly source: string;
  readonly fields: ConfigFields;
  readonly lines: readonly ImportLine[];
}

/** An existing set-up, converted to the fields of agents-llm.yaml. */
export async function readImport(
  { fromLitellm, fromCompose }: ImportFlags,
  context: Pick<Context, 'files' | 'cwd'>,
): Promise<Imported> {
  const compose =
    fromCompose === undefined
      ? undefined
      : await readCompose(context.files, resolve(context.cwd, fromCompose), placeOf(context, fromCompose).shown);
  const path = fromLitellm === undefined ? compose?.config : resolve(context.cwd, fromLitellm);
  const port = compose?.port === undefined || compose.port === 4000 ? {} : { port: compose.port };
  if (path === undefined) return { source: placeOf(context, fromCompose ?? '').shown, fields: port, lines: [] };
  const { shown } = placeOf(context, path);
  const text = await readGiven(context.files, path, (why) => unreadable(shown, why));
  const { fields, lines } = importText(text, shown, compose?.environment);
  return { source: shown, fields: { ...port, ...fields }, lines };
}

const unreadable = (shown: string, why: string) =>
  new CliError('usage', `${shown} cannot be read (${why})`, {
    hint: "Name LiteLLM's configuration: agents-llm init --from-litellm config.yaml",
    details: { file: shown },
  });

export function importText(
  text: string,
  shown: string,
  environment: ReadonlyMap<string, string> = new Map(),
): Pick<Imported, 'fields' | 'lines'> {
  const document = readDocument(text.replace(/^\uFEFF/, ''), 'litellm');
  if (!('value' in document)) throw configInvalid(shown, document, CORRECT);
  const { value } = document;
  if (!isRecord(value)) {
    const message = 'the file must be a map, such as: model_list: …';
    throw configInvalid(shown, [{ line: 1, column: 1, message }], CORRECT);
  }
  const lines: ImportLine[] = [];
  const fields = importLitellm(value, {
    environment,
    record: (action, path, said) =>
      lines.push({ action, line: document.issueOfName(path, '').line, path: shownPath(path), text: said }),
  });
  return { fields, lines: lines.sort((a, b) => a.line - b.line) };
}

const CORRECT = 'Correct the file, then import it again: agents-llm init --from-litellm config.yaml';
