import * as z from 'zod/mini';
import { VARIABLE_NAME } from '../../text/variable-name.ts';

// The description of each value becomes a part of the JSON schema and of the reference page.

export const text = (description: string) =>
  z.string('must be text (in quotes if needed)').check(z.minLength(1, 'must not be empty'), z.describe(description));
export const matching = (pattern: RegExp, rule: string, description: string) =>
  z.string(rule).check(z.regex(pattern, rule), z.describe(description));
export const variable = (description: string) =>
  matching(VARIABLE_NAME, 'must be the name of a variable, such as OPENAI_API_KEY', description);
export const whole = (description: string) =>
  z.int('must be a whole number').check(z.nonnegative('must not be negative'), z.describe(description));
export const price = (description: string) =>
  z.number('must be a number').check(z.nonnegative('must not be negative'), z.describe(description));
