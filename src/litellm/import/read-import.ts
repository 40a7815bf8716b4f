import { resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { CliError } from '../../model/errors.ts';
import { isRecord } from '../../text/json.ts';
import { configInvalid, readDocument } from '../config/config-document.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import { placeOf } from '../config/find-config.ts';
import { variablesIn } from '../gateway-config/litellm-rules.ts';
import { addEnvironment } from './add-environment.ts';
import { type ComposeSource, readCompose } from './compose-source.ts';
import { importLitellm } from './import-litellm.ts';
import type { ImportLine } from './import-report.ts';
import { recorderOf } from './line-recorder.ts';
import { otherServices } from './other-services.ts';

export interface ImportFlags {
  readonly fromLitellm?: string | undefined;
  readonly fromCompose?: string | undefined;
}

export interface Imported {
  /** The file that was read. */
  readonly source: string;
  readonly fields: ConfigFields;
  readonly lines: readonly ImportLine[];
  readonly warnings: readonly string[];
}

/** An existing set-up, converted to the fields of an agents-llm.yaml in the folder `target`. */
export async function readImport(
  { fromLitellm, fromCompose }: ImportFlags,
  context: Pick<Context, 'files' | 'cwd'>,
  target: string,
): Promise<Imported> {
  if (fromCompose === undefined) {
    const { source, fields, lines } = await importFile(resolve(context.cwd, fromLitellm ?? ''), context);
    return { source, fields, lines, warnings: [] };
  }
  const given = placeOf(context, fromCompose);
  const compose = await readCompose(context.files, { path: given.path, shown: given.shown, target });
  const path = fromLitellm === undefined ? compose.config : resolve(context.cwd, fromLitellm);
  const { source, fields, lines, named } =
    path === undefined
      ? { source: given.shown, fields: {}, lines: [], named: [] }
      : await importFile(path, context, compose);
  const port = compose.port === undefined || compose.port === 4000 ? {} : { port: compose.port };
  const all = addEnvironment({ ...port, ...fields }, compose, new Set(named));
  return {
    source,
    fields: all,
    lines: [...[...compose.lines].sort((a, b) => a.line - b.line), ...lines],
    warnings: otherServices(all, compose.others, given.shown),
  };
}

async function importFile(path: string, context: Pick<Context, 'files' | 'cwd'>, compose?: ComposeSource) {
  const { shown } = placeOf(context, path);
  const text = await readGiven(context.files, path, (why) => unreadable(shown, why));
  return { source: shown, ...importText(text, shown, compose) };
}

const unreadable = (shown: string, why: string) =>
  new CliError('usage', `${shown} cannot be read (${why})`, {
    hint: "Name LiteLLM's configuration: agents-llm init --from-litellm config.yaml",
    details: { file: shown },
  });

export function importText(
  source: string,
  shown: string,
  compose: Pick<ComposeSource, 'plain' | 'entries'> = { plain: new Map(), entries: new Map() },
): Pick<Imported, 'fields' | 'lines'> & { readonly named: readonly string[] } {
  const text = source.replace(/^\uFEFF/, '');
  const document = readDocument(text, 'litellm');
  if (!('value' in document)) throw configInvalid(shown, document, CORRECT);
  const { value } = document;
  if (!isRecord(value)) {
    const message = 'the file must be a map, such as: model_list: …';
    throw configInvalid(shown, [{ line: 1, column: 1, message }], CORRECT);
  }
  const { record, lines } = recorderOf(text, shown, document);
  const given = new Set(compose.entries.keys());
  const fields = importLitellm(value, { environment: compose.plain, given, record });
  return { fields, lines: lines.sort((a, b) => a.line - b.line), named: variablesIn(value) };
}

const CORRECT = 'Correct the file, then import it again: agents-llm init --from-litellm config.yaml';
