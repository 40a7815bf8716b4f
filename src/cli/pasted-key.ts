import { CliError } from '../model/errors.ts';

/** The formats of provider keys and virtual keys, long enough that no name matches. */
const KEYS = [
  /\bsk-[\w-]{20,}/,
  /\bgsk_\w{20,}/,
  /\bAIza[\w-]{30,}/,
  /\bxai-\w{20,}/,
  /\bhf_\w{20,}/,
  /\br8_\w{20,}/,
  /\bpplx-\w{20,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
];

/** The words after these are another program's command line, or still being typed. */
const OTHERS: ReadonlySet<string> = new Set(['run', 'launch', '__complete']);

/** A key on the command line is in the shell history and in process lists, so it is neither used nor repeated. */
export function refusePastedKeys(words: readonly string[]): void {
  const end = words.findIndex((word) => OTHERS.has(word));
  if (!(end < 0 ? words : words.slice(0, end)).some(looksLikeKey)) return;
  throw new CliError('usage', 'A key on the command line is visible to other programs and in the shell history', {
    hint: [
      'Revoke that key, because it is no longer secret',
      `Pass the new key in a variable, on stdin or in a file: ${addCommand(words)}`,
    ],
  });
}

const looksLikeKey = (word: string) => KEYS.some((form) => form.test(word.slice(0, LONGEST)));

const LONGEST = 4096;

function addCommand(words: readonly string[]): string {
  const variable = words.map((word) => /^(?:--env=)?([A-Za-z_]\w{0,99})=/.exec(word)?.[1]).find(Boolean);
  if (words.includes('up') && variable !== undefined) return `agents-llm up --env ${variable}`;
  const [name] = words.slice(words.indexOf('add') + 1);
  if (words.includes('setup')) return 'agents-llm setup --from-env OPENAI_API_KEY';
  const provider =
    words.includes('provider') && name !== undefined && /^[a-z][a-z0-9_-]{0,40}$/.test(name) && !looksLikeKey(name);
  return `agents-llm provider add ${provider ? name : 'openai'} --from-stdin`;
}
