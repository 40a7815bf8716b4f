import type { Paint } from '../../io/terminal/paint.ts';
import { providerOfEnvironment } from '../../litellm/admin/known-providers.ts';
import { type PlannedStep, stepLines } from '../../litellm/apply/plan-view.ts';
import type { RuntimeKind } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import { alignColumns } from '../../text/align-columns.ts';
import { formatDuration } from '../../text/duration.ts';
import { describeCertificate, type TlsView } from '../tls/tls-view.ts';

export interface UpData {
  readonly project: string;
  readonly runtime: RuntimeKind;
  /** `none` for a dry run. */
  readonly change: 'started' | 'unchanged' | 'none';
  /** For others: with TLS, where there is a reverse proxy. */
  readonly url: string;
  /** For this machine alone. */
  readonly localUrl: string;
  readonly tls: TlsView | null;
  /** LiteLLM's; null when it does not tell. */
  readonly version: string | null;
  /** The password only while it is the default one. */
  readonly ui: { readonly url: string; readonly username: string; readonly password: string | null };
  /** Virtual keys that exist. */
  readonly keys: number | null;
  readonly secretsFile: string;
  readonly elapsedMs: number;
  /** Commands that configure the gateway, for the provider whose key stands in the environment. */
  readonly nextSteps: readonly string[];
  /** What was done to make LiteLLM match `agents-llm.yaml`; null when there is none, or with --no-apply. */
  readonly applied: { readonly file: string; readonly plan: readonly PlannedStep[] } | null;
  /** What a dry run would do, in order. */
  readonly plan: readonly string[] | null;
}

export function renderUp(data: UpData, paint: Paint): string {
  if (data.plan) return [...data.plan, ''].join('\n');
  const took = data.change === 'unchanged' ? 'it was up already' : formatDuration(data.elapsedMs);
  const { username, password } = data.ui;
  const login = password === null ? `login: npx ${commandLine(data.project, 'ui')}` : `login ${username} / ${password}`;
  const facts = alignColumns([
    ['  UI', `${data.ui.url}  ${login}`],
    ...(data.tls ? tlsFacts(data.localUrl, data.tls) : []),
    ['  project', `${data.project} (${data.runtime})`],
    ['  secrets', data.secretsFile],
  ]);
  const version = data.version ? `LiteLLM ${data.version}` : 'LiteLLM';
  const lines = [`${paint.green(`${version} is ready`)} at ${paint.bold(data.url)} (${took})`, '', facts, ''];
  if (data.applied) lines.push(...appliedLines(data.applied, paint), '');
  return [...lines, 'Next:', ...data.nextSteps.map((step) => `  ${step}`), ''].join('\n');
}

function tlsFacts(localUrl: string, tls: TlsView): string[][] {
  return [
    ['  here', `${localUrl}  plain, for this machine alone`],
    ['  TLS', `${tls.proxy}, certificate ${describeCertificate(tls)}`],
  ];
}

function appliedLines({ file, plan }: NonNullable<UpData['applied']>, paint: Paint): readonly string[] {
  if (plan.length === 0) return [`${file}: nothing to change`];
  return [`${file}:`, ...stepLines(plan, paint).map((line) => `  ${line}`)];
}

/** With the provider whose variable is set, else with OpenAI as the example. */
export function nextSteps(project: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const { provider, variable } = providerOfEnvironment(env) ?? { provider: 'openai', variable: 'OPENAI_API_KEY' };
  const target = provider === 'openai' ? 'openai/gpt-4o' : `${provider}/MODEL`;
  return [
    `provider add ${provider} --provider ${provider} --from-env ${variable}`,
    `alias add gpt-5 --target ${target} --provider ${provider}`,
    'provision-key',
  ].map((step) => `npx ${commandLine(project, step)}`);
}
