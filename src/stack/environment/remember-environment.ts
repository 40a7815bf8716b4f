import type { Operation } from '../../context/invocation.ts';
import { keepOutOfLogs } from '../../context/keep-out-of-logs.ts';
import { effectiveVariables } from '../../model/gateway-environment.ts';
import { writeEnvironment } from '../../project/environment.ts';
import type { PlannedEnvironment } from './plan-environment.ts';

/** Writes the variables before anything starts, so that an interrupted start can be continued. */
export async function rememberEnvironment(
  invocation: Operation,
  { variables, isChanged }: PlannedEnvironment,
): Promise<void> {
  const { context, settings, progress } = invocation;
  for (const { value, isSecret } of variables) {
    // A CI mask only works within one line, and a short one would hide ordinary words in the log.
    if (isSecret && value.reveal().length >= 6 && !/[\r\n]/.test(value.reveal())) keepOutOfLogs(value, invocation);
  }
  if (!isChanged) return;
  for (const { file, name, network } of effectiveVariables(variables)) {
    if (network === 'ca') progress.note(`The gateway trusts the certificate authorities in ${file}`);
    else if (file !== undefined) progress.note(`The gateway gets a copy of ${file} (${name})`);
  }
  await writeEnvironment(context.files, settings.paths, variables);
}
