import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { CHECKS } from '../../src/doctor/checks.ts';
import { ERRORS, type ErrorCode, EXIT_MEANING } from '../../src/model/errors.ts';
import { CHECK_MEANINGS } from './check-meanings.ts';
import { commandPage } from './command-page.ts';
import { ERROR_MEANINGS } from './error-meanings.ts';
import { code, MADE_BY, page, table } from './markdown.ts';
import { type Schema, schemaPage } from './schema-page.ts';
import { type WholeProgram, wholeProgram } from './whole-program.ts';

/** What is made from the program: texts by their path in the checkout. */
export async function madePages(root: string): Promise<ReadonlyMap<string, string>> {
  const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
  const whole = await wholeProgram();
  const schema = JSON.parse(read('templates/agents-llm.schema.json')) as Schema;
  return new Map([
    ['docs/reference/README.md', indexPage(whole)],
    ...whole.program.commands
      .filter((command) => COMMANDS.some(({ name }) => name === command.name()))
      .map((command) => [`docs/reference/${command.name()}.md`, commandPage(command, whole.globalOptions)] as const),
    ['docs/reference/exit-codes.md', page(MADE_BY, '# Exit codes', exitCodes())],
    ['docs/reference/error-codes.md', errorsPage()],
    ['docs/reference/doctor-checks.md', checksPage()],
    ['docs/reference/agents-llm-yaml.md', schemaPage(schema)],
    ['README.md', withBlocks(read('README.md'))],
  ]);
}

function indexPage({ globalOptions }: WholeProgram): string {
  return page(
    MADE_BY,
    '# Reference',
    commandTable('', ''),
    '## Global options',
    'Before or after the command:',
    table(
      ['option', 'meaning'],
      [
        ...globalOptions.map(({ flags, description }) => [code(flags), description]),
        [code('-h, --help'), 'show the help; with `--verbose` all of it'],
      ],
    ),
    '## Tables',
    '[Exit codes](exit-codes.md) · [error codes](error-codes.md) · [checks of doctor](doctor-checks.md) · [fields of agents-llm.yaml](agents-llm-yaml.md)',
  );
}

/** All commands by group; `base` leads to their pages. */
function commandTable(base: string, head: string): string {
  const groups = [...new Set(COMMANDS.map(({ group }) => group))];
  const rows = groups.flatMap((group) =>
    COMMANDS.filter((entry) => entry.group === group).map(({ name, summary }, index) => [
      index === 0 ? `**${group}**` : '',
      `[${code(name)}](${base}${name}.md)`,
      summary,
    ]),
  );
  return table([head, 'command', 'what it does'], rows);
}

function exitCodes(): string {
  return table(
    ['exit code', 'meaning'],
    Object.entries(EXIT_MEANING).map(([exit, meaning]) => [exit, meaning]),
  );
}

function errorsPage(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[])
    .toSorted()
    .map((name) => [code(name), String(ERRORS[name].exit), ERRORS[name].retryable ? 'yes' : '', ERROR_MEANINGS[name]]);
  return page(
    MADE_BY,
    '# Error codes',
    '`error.code` of the [JSON envelope](../scripting.md#json). "Retry" marks those with `retryable: true`: the same call may succeed later with nothing changed.',
    table(['code', 'exit code', 'retry', 'meaning'], rows),
  );
}

function checksPage(): string {
  return page(
    MADE_BY,
    '# Checks of doctor',
    'In the order in which [`agents-llm doctor`](doctor.md) shows them. Those marked with `--fix` are repaired by it.',
    table(
      ['id', 'checks', ''],
      CHECKS.map(({ id, repair }) => [code(id), CHECK_MEANINGS[id], repair ? code('--fix') : '']),
    ),
  );
}

/** A page with its made tables as they are to be now. */
function withBlocks(text: string): string {
  const blocks = { commands: commandTable('docs/reference/', ''), 'exit-codes': exitCodes() };
  return Object.entries(blocks).reduce((all, [name, made]) => {
    const [start, end] = [`<!-- ${name}: made by npm run docs -->`, `<!-- end of ${name} -->`];
    const [before, rest] = split(all, start);
    const [, after] = split(rest, end);
    return `${before}${start}\n${made}\n${end}${after}`;
  }, text);
}

function split(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`README.md has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
