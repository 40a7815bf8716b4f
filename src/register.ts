import { explainFailedPreload } from './context/context.ts';
import { autoProvision, CliError } from './index.ts';

// For `node --import agents-llm/register server.js`: the program only starts once it has a key.
await autoProvision().catch((error: unknown) => {
  if (error instanceof CliError) {
    const hints = (error.hint?.split('\n') ?? []).map((line) => `hint: ${line}\n`);
    explainFailedPreload(`agents-llm: ${error.message}\n${hints.join('')}`, error.exitCode);
  }
  throw error;
});
