import { similarNames } from '../text/similar-name.ts';
import { meantBy } from './habit-words.ts';

/** Commander's messages and our wording for them. */
const SAID: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/^unknown (command|option) '(.*)'/s, 'Unknown $1 $2'],
  [/^option '(.*?)' argument '(.*)' is invalid\. (.*)$/s, 'Invalid value "$2" for $1. $3'],
  [/^command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s, 'Invalid value "$1" for <$2>. $3'],
  [/^option '(.*?)' argument missing$/s, 'Option $1 needs a value'],
  [/^required option '(.*?)' not specified$/s, 'Missing option $1'],
  [/^missing required argument '(.*?)'$/s, 'Missing argument <$1>'],
  [/^option '(.*?)' cannot be used with option '(.*?)'$/s, 'Option $1 cannot be used with $2'],
  [
    /^too many arguments for '(.*?)'\. Expected (\d+) arguments? but got (\d+)/s,
    'Too many arguments for $1: expected $2 but got $3',
  ],
];

/** Commander's error as a sentence, with the word that was probably meant. */
export function usageMessage(text: string, command: string): string {
  const message = text.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/s, '');
  const suggested = /\n\(Did you mean (.*)\?\)$/s.exec(text)?.[1];
  const [theirs, ours] = SAID.find(([theirs]) => theirs.test(message)) ?? [];
  const sentence = withoutValue((theirs && ours ? message.replace(theirs, ours) : message).replace(/\.$/, ''));
  const unknown = /^unknown command '(.*)'$/s.exec(message)?.[1];
  const meant = (unknown === undefined ? undefined : meantBy(command, unknown)) ?? suggested ?? nearestChoice(message);
  return meant === undefined ? sentence : `${sentence}. Did you mean ${meant}?`;
}

/** The value of NAME=VALUE may be a secret. */
const withoutValue = (sentence: string) =>
  sentence.replace(/^(Invalid value "[^"=]{0,100}=).+(" for (?:--|<))/s, '$1…$2');

/** The nearest choice, for an option that has choices. */
function nearestChoice(message: string): string | undefined {
  const form = /argument '(.{0,200}?)' is invalid\. Allowed choices are (.{0,2000})\.$/s;
  const [, value, choices] = form.exec(message) ?? [];
  if (value === undefined || choices === undefined) return undefined;
  const [near, ...others] = similarNames(value, choices.split(', '));
  return others.length > 0 ? `one of ${[near, ...others].join(', ')}` : near;
}
