import { parseDotenv, setValue } from '../../text/dotenv.ts';

// The copy of `.env` beside an archive also contains JSON, as base64url, because values there allow few characters.

/** The text of a `.env` file with JSON as the value of a variable. */
export function embedJson(text: string, variable: string, json: string): string {
  return setValue(text, variable, Buffer.from(json).toString('base64url'));
}

/** The JSON of a variable; undefined if the file does not have it, or is not a `.env` file. */
export function embeddedJson(text: string, variable: string): string | undefined {
  const dotenv = parseDotenv(text);
  const value = dotenv.ok ? dotenv.values.get(variable) : undefined;
  return value === undefined ? undefined : Buffer.from(value, 'base64url').toString();
}
