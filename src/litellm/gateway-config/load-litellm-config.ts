import { dirname, resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { CliError } from '../../model/errors.ts';
import { hashOfFiles, MOST_PACKED, packFiles } from '../../model/litellm-files.ts';
import { isRecord } from '../../text/json.ts';
import { configInvalid, located, readDocument } from '../config/config-document.ts';
import { doubtfulKeys } from './known-keys.ts';
import { type LitellmConfig, type LitellmMap, litellmConfigOf } from './litellm-config.ts';
import { litellmProblems, shownPath } from './litellm-rules.ts';
import { namedFiles } from './named-files.ts';

type Place = Pick<Context, 'files'>;

/** LiteLLM's own configuration from a separate file, with the files that it names. */
export async function loadLitellmFile({ files }: Place, path: string, shown: string): Promise<LitellmConfig> {
  const text = await readGiven(files, path, (why) => unreadable(shown, why));
  const { value, warnings } = parseLitellm(text, shown);
  return withNamedFiles({ files }, value, { source: shown, isFile: true, warnings, folder: dirname(path) });
}

function unreadable(shown: string, why: string): CliError {
  return new CliError('usage', `LiteLLM's configuration ${shown} cannot be read (${why})`, {
    hint: 'Correct the path in litellm: or --litellm-config',
    details: { file: shown, why },
  });
}

/** The configuration from agents-llm.yaml, with the files that it names. */
export async function completeLitellm(
  context: Place,
  { source, isFile, warnings, value }: LitellmConfig,
  folder: string,
): Promise<LitellmConfig> {
  if (isFile || value === undefined) return loadLitellmFile(context, resolve(folder, source), source);
  return withNamedFiles(context, value, { source, isFile, warnings, folder });
}

const MOVE =
  'Write os.environ/NAME in its place\nIf the file was ever committed or shared, have the provider replace the key';

function parseLitellm(source: string, shown: string) {
  const document = readDocument(source.replace(/^\uFEFF/, ''), 'litellm');
  if (!('value' in document)) throw configInvalid(shown, document);
  const value = document.value;
  if (!isRecord(value)) {
    throw configInvalid(shown, [
      { line: 1, column: 1, message: 'the file must be a map, such as: litellm_settings: …' },
    ]);
  }
  const problems = litellmProblems(value);
  if (problems.length > 0) {
    const secrets = problems.filter(({ secret }) => secret);
    const issues = (secrets.length > 0 ? secrets : problems).map(({ path, message, ofName }) =>
      (ofName ? document.issueOfName : document.issue)(path, `${shownPath(path)}: ${message}`),
    );
    throw configInvalid(shown, issues, secrets.length > 0 ? MOVE : undefined);
  }
  const warnings = doubtfulKeys(value).map(({ path, message }) =>
    located(shown, document.issueOfName(path, `${shownPath(path)}: ${message}`)),
  );
  return { value, warnings };
}

async function withNamedFiles(
  { files }: Place,
  value: LitellmMap,
  given: Pick<LitellmConfig, 'source' | 'isFile' | 'warnings'> & { readonly folder: string },
): Promise<LitellmConfig> {
  const { folder, ...about } = given;
  const named = await namedFiles(value, { files, folder, shown: given.source });
  const config = litellmConfigOf(named.value as LitellmMap, about);
  const others = [...named.texts].map(([name, text]) => [name, Buffer.from(text).toString('base64')]);
  const all = { ...config.files, ...Object.fromEntries(others) };
  const packed = packFiles(all).length;
  if (packed > MOST_PACKED) {
    throw new CliError(
      'config_invalid',
      `${given.source} and the files that it names are larger than the gateway takes`,
      {
        hint: 'Make the files smaller: packed they may have 90 KB',
        details: { file: given.source, bytes: packed },
      },
    );
  }
  const modules = [...named.texts.keys()].filter((name) => name.endsWith('.py'));
  return { ...config, files: all, hash: hashOfFiles(all), modules };
}
