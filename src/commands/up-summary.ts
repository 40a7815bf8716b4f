import { formatDuration } from '../duration.ts';
import type { Paint } from '../io/paint.ts';
import { alignColumns } from '../report.ts';
import { commandLine } from '../settings.ts';

export interface UpData {
  readonly project: string;
  readonly runtime: 'docker';
  /** `none` for a dry run. */
  readonly change: 'started' | 'unchanged' | 'none';
  readonly url: string;
  /** LiteLLM's; null when it does not tell. */
  readonly version: string | null;
  /** The password only while it is the default one. */
  readonly ui: { readonly url: string; readonly username: string; readonly password: string | null };
  /** Virtual keys that exist. */
  readonly keys: number | null;
  readonly secretsFile: string;
  readonly elapsedMs: number;
  /** What a dry run would do, in order. */
  readonly plan: readonly string[] | null;
}

export function renderUp(data: UpData, paint: Paint): string {
  if (data.plan) return [...data.plan, ''].join('\n');
  const took = data.change === 'unchanged' ? 'it was up already' : formatDuration(data.elapsedMs);
  const password = data.ui.password ?? `(${commandLine(data.project, 'ui --reveal')})`;
  const facts = alignColumns([
    ['  UI', `${data.ui.url}  login ${data.ui.username} / ${password}`],
    ['  project', `${data.project} (${data.runtime})`],
    ['  secrets', data.secretsFile],
  ]);
  const version = data.version ? `LiteLLM ${data.version}` : 'LiteLLM';
  const lines = [`${paint.green(`${version} is ready`)} at ${paint.bold(data.url)} (${took})`, '', facts, ''];
  return [...lines, 'Next:', ...nextSteps(data).map((step) => `  ${step}`), ''].join('\n');
}

function nextSteps({ project }: UpData): string[] {
  return [
    'provider add openai --provider openai --from-env OPENAI_API_KEY',
    'alias add gpt-5 --target openai/gpt-4o --provider openai',
    'provision-key',
  ].map((step) => `npx ${commandLine(project, step)}`);
}
