import { CliError } from '../../src/model/errors.ts';

/** The CliError that the action ends with; anything else fails the test. */
export async function caught(action: () => unknown): Promise<CliError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('it ended without an error');
}
