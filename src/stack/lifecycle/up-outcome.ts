import type { Operation, Workplace } from '../../context/invocation.ts';
import { providerOfEnvironment } from '../../litellm/admin/known-providers.ts';
import { hasDefaultTarget } from '../../litellm/aliases/default-target.ts';
import type { PlannedStep } from '../../litellm/apply/plan-view.ts';
import type { Outcome } from '../../model/report.ts';
import type { RuntimeKind } from '../../model/service.ts';
import { commandLine, npxLine } from '../../model/settings.ts';
import { proxyUrl, publicUrl, type StackSpec } from '../../model/stack-spec.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { PullPolicy, Runtime } from '../../runtime/runtime.ts';
import type { PlannedEnvironment } from '../environment/plan-environment.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';
import type { Stack } from '../open/open-stack.ts';
import { loginWeakness } from '../open/ui-login.ts';
import { type TlsView, tlsWarnings, viewTls } from '../tls/tls-view.ts';

export interface UpData {
  readonly project: string;
  readonly runtime: RuntimeKind;
  /** `none` for a dry run. */
  readonly change: 'started' | 'unchanged' | 'none';
  /** For clients: with TLS, the address of the reverse proxy. */
  readonly url: string;
  /** For this machine only. */
  readonly localUrl: string;
  readonly tls: TlsView | null;
  /** The version that LiteLLM reports; null when it reports none. */
  readonly version: string | null;
  /** The password only while it is the default. */
  readonly ui: { readonly url: string; readonly username: string; readonly password: string | null };
  /** How long requests are logged, such as `30d`, when this `up` has limited it; otherwise null. */
  readonly logRetention: string | null;
  /** Virtual keys that exist. */
  readonly keys: number | null;
  readonly secretsFile: string;
  readonly elapsedMs: number;
  /** Commands that configure the gateway, for the provider whose key is in the environment. */
  readonly nextSteps: readonly string[];
  /** What was changed to match `agents-llm.yaml`; null without that file or with --no-apply. */
  readonly applied: { readonly file: string; readonly plan: readonly PlannedStep[] } | null;
  /** What a dry run would do, in order. */
  readonly plan: readonly string[] | null;
}

export interface Ready {
  readonly secrets: StackSecrets;
  readonly health: ProxyHealth & { state: 'ready' };
  readonly change: 'started' | 'unchanged';
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly warnings: readonly string[];
  readonly logRetention?: string | null;
}

export function readyOutcome(
  invocation: Workplace,
  { spec, runtime }: { readonly spec: StackSpec; readonly runtime: Pick<Runtime, 'kind'> },
  ready: Ready,
): Outcome<UpData> {
  const { context, settings } = invocation;
  const { secrets, health, change, began } = ready;
  const url = publicUrl(spec);
  const isDefaultLogin = secrets.uiPassword.reveal() === 'admin';
  return {
    data: {
      project: spec.project,
      runtime: runtime.kind,
      change,
      url,
      localUrl: proxyUrl(spec),
      tls: viewTls(spec, invocation),
      version: health.version,
      ui: { url: `${url}/ui/`, username: secrets.uiUsername, password: isDefaultLogin ? 'admin' : null },
      logRetention: ready.logRetention ?? null,
      keys: health.keys,
      secretsFile: settings.paths.secrets,
      elapsedMs: context.clock.now() - began,
      nextSteps: nextSteps(spec.project, context.env, health.keys),
      applied: null,
      plan: null,
    },
    warnings: [
      ...ready.warnings,
      ...loginWarnings(secrets, invocation),
      ...bindWarnings(spec),
      ...tlsWarnings(spec, context.clock.now()),
    ],
  };
}

function bindWarnings({ project, bind, port }: StackSpec): string[] {
  if (bind.startsWith('127.')) return [];
  const secure = commandLine(project, 'up --tls nginx --host NAME');
  return [
    `${bind}:${port} is plain HTTP, so keys cross the network unencrypted. Add a reverse proxy with TLS: ${secure}`,
  ];
}

function loginWarnings(secrets: StackSecrets, { context: { env }, settings: { project } }: Workplace): string[] {
  const given = env.UI_PASSWORD;
  const password = secrets.uiPassword.reveal();
  const change = (source: string) => `Change it: ${commandLine(project, `up --ui-password ${source}`)}`;
  if (given && given !== password) {
    return [`UI_PASSWORD is not used, because this stack has a UI password. ${change('env:UI_PASSWORD')}`];
  }
  const weakness = loginWeakness(secrets);
  // A password that was asked for this time needs no warning.
  if (weakness === undefined || given === password) return [];
  const problem = weakness === 'short' ? 'has fewer than 8 characters' : 'is well known';
  return [
    `The UI password ${problem}, so any user of this machine can log in and use the stored provider keys. ${change('generate')}`,
  ];
}

/** What `up` would do, without asking the engine anything. */
export async function dryOutcome(
  invocation: Pick<Operation, 'settings'>,
  spec: StackSpec,
  { secrets, runtime }: Stack,
  { pull, environment }: { readonly pull: PullPolicy; readonly environment: PlannedEnvironment },
): Promise<Outcome<UpData>> {
  const { settings } = invocation;
  const url = publicUrl(spec);
  const localUrl = proxyUrl(spec);
  return {
    data: {
      project: spec.project,
      runtime: runtime.kind,
      change: 'none',
      url,
      localUrl,
      tls: viewTls(spec, invocation),
      version: null,
      ui: { url: `${url}/ui/`, username: secrets?.uiUsername ?? 'admin', password: null },
      logRetention: null,
      keys: null,
      secretsFile: settings.paths.secrets,
      elapsedMs: 0,
      nextSteps: [],
      applied: null,
      plan: [
        ...(secrets ? [] : [`Create secrets in ${settings.paths.secrets}`]),
        ...(spec.tls ? [`Write certificate, key and configuration of ${spec.tls.proxy} to ${settings.paths.tls}`] : []),
        ...(environment.isChanged ? [environmentStep(environment, settings.paths.environment)] : []),
        ...(await runtime.plan(spec, pull)),
        `Wait until ${localUrl}/health/readiness reports a connected database${spec.tls ? ` and ${url} reaches the gateway` : ''}`,
      ],
    },
  };
}

function environmentStep({ variables }: PlannedEnvironment, file: string): string {
  const names = [...new Set(variables.map(({ name }) => name))].sort().join(', ');
  return names === '' ? `Remove ${file}` : `Write the variables of the gateway to ${file} (${names})`;
}

/** For the provider whose variable is set, else for OpenAI as the example. A stack with virtual keys is set up already. */
export function nextSteps(
  project: string,
  env: Readonly<Record<string, string | undefined>>,
  keys: number | null,
): string[] {
  const { provider, variable } = providerOfEnvironment(env) ?? { provider: 'openai', variable: 'OPENAI_API_KEY' };
  const named = provider === 'openai' ? '' : ` --provider ${provider}`;
  const target = hasDefaultTarget(provider) ? '' : ` --target ${provider}/MODEL`;
  const setup = keys ? [] : [`setup${named} --from-env ${variable}${target}`];
  return [...setup, 'run -- COMMAND', 'chat "Say hello"'].map((step) => npxLine(project, step));
}
