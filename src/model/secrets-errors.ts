import { CliError } from './errors.ts';

/** The stack exists but its secrets do not; `volume` is where its data is, if that is known. */
export function secretsMissing(file: string, volume?: string): CliError {
  const reason = volume === undefined ? '' : `, but ${volume} contains data that was created with it`;
  return new CliError('secrets_missing', `${file} is missing${reason}`, {
    hint: `Restore that file from a backup, because new secrets cannot read the data
Or delete the data and start over: agents-llm down --volumes`,
    details: { file },
  });
}

/** `problem` completes the sentence and must not repeat a value. */
export function secretsInvalid(
  file: string,
  problem: string,
  details: Readonly<Record<string, unknown>> = {},
): CliError {
  return new CliError('secrets_invalid', `${file} cannot be used: ${problem}`, {
    hint: 'Correct that file or restore it from a backup (nothing was overwritten)',
    details: { path: file, ...details },
  });
}
