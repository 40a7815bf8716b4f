import * as z from 'zod/mini';
import type { CliError } from '../../model/errors.ts';
import { similarNames } from '../../text/similar-name.ts';
import { doubtfulKeys } from '../gateway-config/known-keys.ts';
import { type LitellmConfig, litellmConfigOf, NO_LITELLM } from '../gateway-config/litellm-config.ts';
import { shownPath } from '../gateway-config/litellm-rules.ts';
import { type Config, configOf } from './config.ts';
import { type ConfigDocument, type ConfigIssue, configInvalid, located, readDocument } from './config-document.ts';
import { brokenRules } from './config-rules.ts';
import { CONFIG, type ConfigFields, knownFields } from './config-schema.ts';
import { findSecret, isSecretName, looksRandom } from './config-secrets.ts';

interface ConfigPlace {
  /** The path for error messages. */
  readonly shown: string;
  readonly folder: string;
}

const OUT = `Move it to an environment variable and name that variable: api_key_env: OPENAI_API_KEY
If the file was ever committed or shared, have the provider replace the key`;

/** Characters. More than anyone writes, but still fast to parse. */
const MOST = 1_000_000;

/** Throws `config_invalid` with the position of every problem. */
export function parseConfig(source: string, { shown, folder }: ConfigPlace): Config {
  const text = source.replace(/^\uFEFF/, '');
  if (text.length > MOST) throw configInvalid(shown, [{ line: 1, column: 1, message: 'the file is larger than 1 MB' }]);
  const secret = findSecret(text);
  if (secret !== undefined) throw pasted(shown, [placeOf(text, secret)]);
  const document = readDocument(text);
  if (!('value' in document)) throw configInvalid(shown, document);
  const { data, error } = z.safeParse(CONFIG, document.value);
  if (!data) {
    const issues = (error?.issues ?? []).flatMap((issue) => issuesOf(issue, document));
    const keys = issues.filter(({ secret }) => secret);
    throw keys.length > 0 ? pasted(shown, keys) : configInvalid(shown, issues);
  }
  const broken = brokenRules(data).map((rule) => ({
    ...(rule.ofName ? document.issueOfName : document.issue)(rule.path, `${nameOf(rule.path)}: ${rule.message}`),
    secret: rule.secret ?? false,
  }));
  const secrets = broken.filter(({ secret }) => secret);
  if (secrets.length > 0) throw pasted(shown, secrets);
  if (broken.length > 0) throw configInvalid(shown, broken);
  const doubts = typeof data.litellm === 'object' ? doubtfulKeys(data.litellm) : [];
  const warnings = doubts.map(({ path, message }) =>
    located(shown, document.issueOfName(['litellm', ...path], `${shownPath(path)}: ${message}`)),
  );
  return configOf(data, folder, wishOf(data.litellm, shown, warnings));
}

function wishOf(
  litellm: ConfigFields['litellm'],
  shown: string,
  warnings: readonly string[],
): LitellmConfig | undefined {
  if (litellm === undefined) return undefined;
  return typeof litellm === 'string'
    ? { ...NO_LITELLM, source: litellm, isFile: true }
    : litellmConfigOf(litellm, { source: shown, isFile: false, warnings });
}

const pasted = (shown: string, issues: readonly ConfigIssue[]): CliError =>
  configInvalid(
    shown,
    issues.map(({ line, column, message }) => ({ line, column, message })),
    OUT,
  );

function placeOf(text: string, offset: number): ConfigIssue {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { line: before.length, column, message: 'this is a secret, but the file is made to be shared' };
}

type Located = ConfigIssue & { readonly secret?: boolean };

function issuesOf(issue: z.core.$ZodIssue, document: ConfigDocument): readonly Located[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(issue.path, key, document));
  if (issue.path.length > 0 && !document.has(issue.path)) {
    return [document.issue(issue.path, `${nameOf(issue.path)} is missing`)];
  }
  return [document.issue(issue.path, `${nameOf(issue.path)} ${issue.message}`)];
}

/** The name is only repeated if it is close to a known one, because the file may be a link to one that the reader must not see. */
function unknownField(path: readonly PropertyKey[], key: string, document: ConfigDocument): Located {
  const full = [...path, key];
  if (isSecretName(key)) {
    const message = `${nameOf(path)}: a secret belongs in an environment variable that is named here: api_key_env`;
    return { ...document.issue(full, message), secret: true };
  }
  const known = knownFields(path);
  const [near] = similarNames(key, known);
  if (near !== undefined) {
    return document.issueOfName(full, `${nameOf(full)} is not a known field (did you mean ${near}?)`);
  }
  return document.issueOfName(full, `${nameOf(path)}: this field is not known (known fields: ${known.join(', ')})`);
}

const nameOf = (path: readonly PropertyKey[]) =>
  path.length === 0 ? 'the file' : path.map((step) => shownName(String(step))).join('.');

/** Shows plausible names of models and keys; for others the position is enough. */
function shownName(name: string): string {
  return /^[\w@./:*+-]{1,64}$/.test(name) && !name.split(/[-._/:@]/).some(looksRandom) ? name : '…';
}
