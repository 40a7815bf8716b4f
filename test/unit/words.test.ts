import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { CHECKOUT, DOCUMENTS, textOf } from '../support/documents.ts';
import { GAP, type ProductText, productTexts, type TextKind, textsOfSource } from '../support/product-texts.ts';

/** What nobody is to read, and what stands for it. */
const BANNED: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/, and not\b/, '"but"'],
  [/\b(and|which) (that )?is said\b/, 'say what it means'],
  [/\bis not said\b/, '"Missing …" or "Cannot tell …"'],
  [/\bwhosever\b/, '"even if it was created by another stack"'],
  [/\bcannot be told\b/, '"Cannot tell …"'],
  [/\byou may not\b/, '"You do not have permission to …"'],
  [/\bthere is no program\b/, '"… not found on PATH"'],
  [/\bnothing is noted\b/, '"nothing to compare with yet"'],
  [/\bat work\b/, '"running"'],
  [/\bcut off\b/, '"interrupted"'],
  [/\bgone on with\b/, '"reused"'],
  [/\b(which|that) is gone\b|\bthat are gone\b/, '"no longer exists" or "ended"'],
  [/\bexclude (each other|one another)\b/, '"cannot be used together"'],
  [/\bmay be repeated\b/, '"(repeatable)"'],
  [/\bways? to run\b/, '"runtime"'],
  [/\blooking (at|again|whether)\b/, '"Checking" or "Verifying"'],
  [/\btaking an inventory\b/, '"Recording current data"'],
  [/\bleaves? .{0,40}\baside\b/, '"do not apply"'],
  [/\bgo(es)? round\b/, '"works around"'],
  [/\bdo(es)? not know such\b|\bknows no such\b/, '"not found"'],
  [/\bis (taken|in the way) by\b/, '"is already in use by"'],
  [/\bdatabase of your own\b|\byour own database\b/, '"external PostgreSQL database"'],
  [/\bkept (virtual )?keys?\b/, '"saved virtual key"'],
  [/\banew\b/, '"recreate" or "replace"'],
  [/\bput(s|ting)?( \w+){0,3} back\b/, '"restore"'],
];

/** Names that users read; comments distinguish the proxy process from the gateway. */
const BANNED_FOR_USERS: typeof BANNED = [
  [/\btakes? (it |them )?away\b/, '"remove"'],
  [/\bkeys? of (a |the )?providers?\b|\bproviders?'s? keys?\b/, '"provider key"'],
  [/\b(?<!HTTP |reverse |LiteLLM )[Pp]rox(y|ies) (is|does|has|did|answers|runs|cannot)\b/, '"gateway"'],
  [/\b(?<!reverse )[Pp]roxy's\b/, '"gateway"'],
  [/\bfetch(es|ed|ing)? (the )?(images?|packages?)\b/, '"download"'],
];

/** Lower-case words that are commands or names, with which a sentence may begin. */
const NAMES = new Set(
  'chmod chown colima df docker eval export git initdb kill litellm ls mkdir mv npm npx openssl pip rm sudo uv'.split(
    ' ',
  ),
);

/** What is wrong with a text; empty when all that a machine can check is right. */
function faultsOf({ kind, text }: Pick<ProductText, 'kind' | 'text'>): readonly string[] {
  const faults = [...BANNED, ...BANNED_FOR_USERS].flatMap(([phrase, instead]) => {
    const found = phrase.exec(text)?.[0];
    return found === undefined ? [] : [`"${found}": write ${instead}`];
  });
  return kind === 'text' ? faults : [...faults, ...sentenceFaults(kind, text)];
}

function sentenceFaults(kind: TextKind, text: string): readonly string[] {
  const [first = ''] = text.trimStart().split(/[\s,;:]/);
  const isFragment = /^[a-z]+$/.test(first) && !NAMES.has(first);
  return [
    ...(isFragment ? [`a ${kind} begins with a capital letter`] : []),
    ...(/[^.]\.$/.test(text.trimEnd()) ? ['no full stop at the end'] : []),
    ...(kind === 'progress' && /^[A-Z][a-z]+\b/.test(text) && !/^\w+ing\b/.test(text) ? ['progress is "…ing"'] : []),
  ];
}

const roomOf = ({ file }: ProductText) => file.split('/')[0] ?? '';
const shown = (text: ProductText) =>
  faultsOf(text).map((fault) => `src/${text.file}:${text.line} ${fault}: ${text.text.slice(0, 100)}`);

const TEXTS = productTexts();

describe('the words of the product', () => {
  it.each([...new Set(TEXTS.map(roomOf))])('follow the rules in %s', (room) => {
    expect(TEXTS.filter((text) => roomOf(text) === room).flatMap(shown)).toEqual([]);
  });

  it('are all read', () => {
    const count = (kind: TextKind) => TEXTS.filter((text) => text.kind === kind).length;
    expect(count('error')).toBeGreaterThan(200);
    expect(count('hint')).toBeGreaterThan(200);
    expect(count('warning')).toBeGreaterThan(30);
    expect(count('progress')).toBeGreaterThan(15);
    expect(count('finding')).toBeGreaterThan(80);
  });
});

/** In these, `-p PROJECT` is added to whatever looks like a command of agents-llm. A check of doctor has its commands in its fix. */
const isRewritten = ({ kind, file }: ProductText) =>
  kind === 'hint' || (kind === 'warning' && !file.startsWith('doctor/'));

it('hints and warnings follow the name agents-llm only with its commands', () => {
  const names = new Set(COMMANDS.map(({ name }) => name));
  const prose = TEXTS.filter(isRewritten).flatMap(({ file, line, text }) =>
    [...text.matchAll(/(?<![\w/.-])agents-llm ([a-z][a-z-]*)/g)]
      .filter(([, word = '']) => !names.has(word))
      .map(([found]) => `src/${file}:${line} ${found}`),
  );
  expect(prose).toEqual([]);
});

describe('the help of every command', async () => {
  const texts = await helpTexts();

  it.each(texts)('$path: $kind "$text"', ({ kind, text }) => {
    expect([...faultsOf({ kind: 'text', text }), ...helpFaults(kind, text)]).toEqual([]);
  });

  it('is read whole', () => {
    expect(texts.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(COMMANDS.length);
    expect(texts.filter(({ kind }) => kind === 'flag').length).toBeGreaterThan(100);
  });
});

interface HelpText {
  readonly path: string;
  readonly kind: 'command' | 'flag';
  readonly text: string;
}

async function helpTexts(): Promise<readonly HelpText[]> {
  const found: HelpText[] = [];
  const read = (command: Command, path: string) => {
    found.push({ path, kind: 'command', text: command.description() });
    const args = command.registeredArguments.filter(({ description }) => description !== '');
    for (const { description } of [...command.options, ...args]) {
      found.push({ path, kind: 'flag', text: description });
    }
    for (const child of command.commands) read(child, `${path} ${child.name()}`);
  };
  for (const { name, summary, load } of COMMANDS) {
    const command = new Command(name).description(summary);
    (await load())(command, async () => {});
    read(command, name);
  }
  return found;
}

/** Commands are described by a sentence without its full stop, flags by a fragment. */
function helpFaults(kind: HelpText['kind'], text: string): readonly string[] {
  const isName = /^([A-Z]{2}|[A-Z][a-z]+[A-Z]|API |LiteLLM|Kubernetes|PostgreSQL|Python|HTTP)/.test(text);
  return [
    ...(text === '' ? ['it is described'] : []),
    ...(kind === 'command' && !/^[A-Z]/.test(text)
      ? ['a command is described by a sentence with a capital letter']
      : []),
    ...(kind === 'flag' && /^[A-Z]/.test(text) && !isName ? ['a flag is described by a fragment'] : []),
    ...(/\.$/.test(text) ? ['no full stop at the end'] : []),
  ];
}

describe('the check of the words', () => {
  const found = (source: string) => textsOfSource(source).filter(({ kind }) => kind !== 'text');

  it.each([
    [
      "throw new CliError('usage', 'the port is taken', { hint: 'see: x' });",
      ['error the port is taken', 'hint see: x'],
    ],
    [`const why = a ? \`no \${b}\` : "none"; new CliError("x", why);`, [`error no ${GAP}`, 'error none']],
    ['function refuse(text) { throw new CliError("x", text); } refuse("not so");', ['error not so']],
    ['const hintOf = () => "look here"; f({ hint: hintOf() });', ['hint look here']],
    [`new CliError("x", ["one", ...rows.map((row) => \`row \${row}\`)]);`, ['error one', `error row ${GAP}`]],
    ['invocation.progress.phase("starting");', ['progress starting']],
    [
      'invocation.warn("late"); warnings.push("later"); f({ warnings: ["last"] });',
      ['warning late', 'warning later', 'warning last'],
    ],
    ['fail("code", "was seen", "do this");', ['finding was seen', 'hint do this']],
    ['const x = { hint: "line one\\nline two" } as const;', ['hint line one', 'hint line two']],
  ])('sees %s', (source, texts) => {
    expect(found(source).map(({ kind, text }) => `${kind} ${text}`)).toEqual(texts);
  });

  it.each<[TextKind, string, number]>([
    ['error', 'the port is in use', 1],
    ['error', 'The port is in use.', 1],
    ['error', 'Port 4000 is in use', 0],
    ['error', '--port is not a number', 0],
    ['error', 'agents-llm.yaml is not valid', 0],
    ['error', '"x" does not exist', 0],
    ['error', `${GAP} does not exist`, 0],
    ['hint', 'docker pull x', 0],
    ['progress', 'Start the database', 1],
    ['progress', 'Starting the database', 0],
    ['text', 'it was changed, and not by us', 1],
    ['text', 'no kept key is lost', 1],
    ['text', 'makes it anew', 1],
    ['text', 'the HTTP proxy does not answer', 0],
    ['text', 'the proxy does not answer', 1],
  ])('judges the %s "%s"', (kind, text, count) => {
    expect(faultsOf({ kind, text })).toHaveLength(count);
  });
});

// What earlier versions said is history.
const READ = [...DOCUMENTS, 'action.yml', 'down/action.yml', 'templates/agents-llm.yaml'].filter(
  (document) => document !== 'CHANGELOG.md',
);

it.each(READ)('%s has none of the phrases that nobody is to read', (document) => {
  const lines = textOf(document).split('\n');
  expect(
    lines.flatMap((text, index) => faultsOf({ kind: 'text', text }).map((fault) => `${index + 1}: ${fault}`)),
  ).toEqual([]);
});

/** Phrases for comments alone. */
const BANNED_IN_COMMENTS: typeof BANNED = [
  [/\bstands? (in|at|on|there|where)\b/, '"is in"'],
  [/\bwhat becomes of\b/, '"how … is converted" or "what happens to"'],
  [/\bis no (more|superuser)\b/, '"no longer exists" or "is not a superuser"'],
  [/\bstrangers?\b/, '"another program" or "another user"'],
];

it('comments of the sources have none of the phrases either', () => {
  const names = readdirSync(`${CHECKOUT}src`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const faults = names.flatMap((name) =>
    textOf(`src/${name}`)
      .split('\n')
      .flatMap((line, index) => {
        const [, comment = ''] = /(?:^|\s)(?:\/\/|\/?\*\*?) (.*)/.exec(line) ?? [];
        const found = [...BANNED, ...BANNED_IN_COMMENTS].filter(([phrase]) => phrase.test(comment));
        return found.map(([, instead]) => `src/${name}:${index + 1}: ${comment}: write ${instead}`);
      }),
  );
  expect(faults).toEqual([]);
});
