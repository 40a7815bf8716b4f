import { describe, expect, test } from 'vitest';
import { collectKeyValue, parseHost, parseImage, parseSince } from '../../src/cli/flag-values.ts';
import { fits } from '../../src/litellm/admin/aliases.ts';
import { cleanMessage, litellmMessage } from '../../src/litellm/admin/litellm-message.ts';
import { parseBaseUrl } from '../../src/litellm/admin/target.ts';
import { hostOf } from '../../src/litellm/config/addresses.ts';
import { findSecret, isSecretName, looksRandom } from '../../src/litellm/config/config-secrets.ts';
import { isDangerousVariable } from '../../src/litellm/config/env-variable-names.ts';
import { parseConfig } from '../../src/litellm/config/parse-config.ts';
import { keyDurationMs } from '../../src/litellm/keys/key-duration.ts';
import { versionOfImage, withVersion } from '../../src/litellm/releases/litellm-version.ts';
import { databaseUrlProblem } from '../../src/model/database-url.ts';
import { CliError } from '../../src/model/errors.ts';
import { forProject, looksForJson } from '../../src/model/settings.ts';
import { composeError } from '../../src/runtime/docker/compose/compose-error.ts';
import { engineTrouble } from '../../src/runtime/docker/engine/engine-error.ts';
import { logReader } from '../../src/runtime/docker/engine/log-reader.ts';
import { pullError } from '../../src/runtime/docker/pull-error.ts';
import { installError } from '../../src/runtime/native/install/install-error.ts';
import { logParser } from '../../src/runtime/native/supervisor/service-log.ts';
import { diagnose } from '../../src/stack/health/diagnosis.ts';
import { parseDotenv, setValue } from '../../src/text/dotenv.ts';
import { setVariables } from '../../src/text/dotenv-edit.ts';
import { parseDuration } from '../../src/text/duration.ts';
import { jsonText, listed, oneLine, plainText, shellWord, shownText } from '../../src/text/shown-text.ts';
import { similarNames } from '../../src/text/similar-name.ts';

const place = { shown: 'agents-llm.yaml', folder: '/f' };
const address = { endpoint: 'unix:///s', platform: 'linux' } as const;
const failed = (stderr: string) => ({ outcome: 'exited', exitCode: 1, stdout: stderr, stderr }) as const;

/** What reads a text that others may have written. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  cleanMessage,
  litellmMessage: (text) => litellmMessage({ error: { message: text } }),
  oneLine,
  shownText,
  plainText,
  jsonText,
  shellWord,
  listed: (text) => listed([text]),
  similarNames: (text) => similarNames(text, [text, 'up']),
  findSecret,
  isSecretName,
  looksRandom,
  hostOf,
  isDangerousVariable,
  fits: (text) => fits(`*${text.slice(0, 40)}*`, text),
  setVariables: (text) => setVariables(text, { A: 'b' }),
  parseDotenv,
  setValue: (text) => setValue(text, 'A', 'b'),
  keyDurationMs,
  parseConfig: (text) => parseConfig(text, place),
  parseBaseUrl: (text) => parseBaseUrl(`http://h/${text}`, 'x'),
  collectKeyValue: (text) => collectKeyValue(text),
  parseImage,
  parseHost,
  parseSince,
  parseDuration,
  databaseUrlProblem,
  composeError: (text) => composeError(failed(text), { ...address, action: 'up', secrets: '' }),
  engineTrouble: (text) => engineTrouble(text, address),
  logReader: (text) => logReader('litellm', () => {}).onLine(text, 'stderr'),
  pullError: (text) => pullError(failed(text), { ...address, image: 'i' }),
  installError: (text) => installError('pip', failed(text)),
  postgresLog: (text) => logParser('litellm-db')(text),
  proxyLog: (text) => logParser('litellm')(text),
  forProject: (text) => forProject(text, 'p'),
  looksForJson: (text) => looksForJson(text.split('-'), {}),
  diagnose: (text) => diagnose('litellm', text, 'docker'),
  diagnoseDatabase: (text) => diagnose('litellm-db', text, 'native'),
  versionOfImage,
  withVersion: (text) => withVersion(text, [1, 2, 3]),
};

const PIECES = [
  ...[
    'a',
    'A',
    '0',
    '_',
    '-',
    '.',
    ' ',
    '\n',
    '\r\n',
    '\t',
    ':',
    '/',
    '@',
    '=',
    '"',
    "'",
    '\\',
    '*',
    '#',
    '[',
    '{',
    ',',
  ],
  ...[
    'sk-',
    'sk-*',
    'eyJ',
    'eyJaaaaaaaaaaa.',
    'xai-',
    'ghp_',
    '://a:',
    '-----BEGIN ',
    ' agents-llm ',
    ' -o json',
    '::',
  ],
  ...["{'error': '", "'}", 'Received API Key = ', 'Received', 'stack trace', '\u001b', '\u001b[', '\u001b]', '\u009b1'],
  ...['@\n', 'a: b\n', '- ', '? ', '&a ', '!a ', '| \n', 'A=1\n', "'''", 'FATAL:  database "', 'could not open ', '1m'],
  ...[
    'relation ',
    'failed to read ',
    'pre-existing shared memory block ',
    "argument '",
    '\u2028',
    '\u202e',
    '##',
    '🚀',
  ],
];

/** Far more than any of them takes when each letter costs the same; what goes over the text for each letter takes minutes. */
const LONGEST_MS = 5000;

describe('the time to read a long repetitive text', () => {
  test.each(Object.entries(READERS))(
    '%s',
    (name, read) => {
      // Each error of YAML costs a stack trace.
      const length = name === 'parseConfig' ? 40_000 : 200_000;
      const slow: unknown[] = [];
      for (const piece of PIECES) {
        for (const end of ['', '\u0000!']) {
          const text = piece.repeat(Math.ceil(length / piece.length)) + end;
          const began = performance.now();
          try {
            read(text);
          } catch (error) {
            // A refusal is an answer.
            if (!(error instanceof CliError) && !/Invalid|must|not/.test(String(error))) throw error;
          }
          const took = performance.now() - began;
          if (took > LONGEST_MS) slow.push([piece, end, Math.round(took)]);
        }
      }
      expect(slow).toEqual([]);
    },
    120_000,
  );
});

describe('agents-llm.yaml', () => {
  const refusal = (text: string) => {
    try {
      return parseConfig(text, place);
    } catch (error) {
      return error;
    }
  };

  test('can have twenty thousand aliases', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `  alias-${i}: { target: openai/m }`);
    const began = performance.now();
    expect(parseConfig(`aliases:\n${lines.join('\n')}\n`, place).aliases).toHaveLength(20_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  }, 60_000);

  test('must not be larger than 1 MB', () => {
    expect(refusal(`# ${'x'.repeat(1_000_000)}\n`)).toMatchObject({
      code: 'config_invalid',
      exitCode: 2,
      message: 'agents-llm.yaml:1:1: the file is larger than 1 MB',
      hint: 'Correct the file, then check what it would do: agents-llm apply --dry-run',
    });
  });

  test.each(['[', '{a: ', '- ', '? '])('must not be nested without end in %j', (piece) => {
    expect(refusal(`aliases: ${piece.repeat(200_000)}`)).toMatchObject({ code: 'config_invalid', exitCode: 2 });
  });

  test('must not have a name twice', () => {
    expect(refusal('aliases:\n  a: { target: x }\n  b: { target: x }\n  a: { target: y }\n')).toMatchObject({
      code: 'config_invalid',
      message: 'agents-llm.yaml:4:3: this name is used a second time',
    });
  });

  test('reports many problems up to a limit, and how many more there are', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `nope-${i}: 1`);
    const error = refusal(`${lines.join('\n')}\n`);
    expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringMatching(/\n19990 more$/) });
    expect((error as CliError).details.issues).toHaveLength(100);
  }, 60_000);
});
