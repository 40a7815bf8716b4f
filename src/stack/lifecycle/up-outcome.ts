import type { Invocation } from '../../context/invocation.ts';
import type { Outcome } from '../../model/report.ts';
import { commandLine } from '../../model/settings.ts';
import { proxyUrl, publicUrl, type StackSpec } from '../../model/stack-spec.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { PullPolicy, Runtime } from '../../runtime/runtime.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';
import type { Stack } from '../open/open-stack.ts';
import { loginWeakness } from '../open/ui-login.ts';
import { tlsWarnings, viewTls } from '../tls/tls-view.ts';
import { nextSteps, type UpData } from './up-summary.ts';

export interface Ready {
  readonly secrets: StackSecrets;
  readonly health: ProxyHealth & { state: 'ready' };
  readonly change: 'started' | 'unchanged';
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly warnings: readonly string[];
}

export function readyOutcome(
  invocation: Invocation,
  { spec, runtime }: { readonly spec: StackSpec; readonly runtime: Pick<Runtime, 'kind'> },
  ready: Ready,
): Outcome<UpData> {
  const { context, settings } = invocation;
  const { secrets, health, change, began } = ready;
  const url = publicUrl(spec);
  const isDefaultLogin = secrets.uiPassword.reveal() === 'admin';
  const exposed = !spec.bind.startsWith('127.');
  const warning = `${spec.bind}:${spec.port} is plain HTTP: keys cross the network unencrypted; put a reverse proxy with TLS before it: --tls nginx --host NAME`;
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
      keys: health.keys,
      secretsFile: settings.paths.secrets,
      elapsedMs: context.clock.now() - began,
      nextSteps: nextSteps(spec.project, context.env),
      applied: null,
      plan: null,
    },
    warnings: [
      ...ready.warnings,
      ...loginWarnings(secrets, invocation),
      ...(exposed ? [warning] : []),
      ...tlsWarnings(spec, context.clock.now()),
    ],
  };
}

function loginWarnings(secrets: StackSecrets, { context: { env }, settings: { project } }: Invocation): string[] {
  const given = env.UI_PASSWORD;
  const password = secrets.uiPassword.reveal();
  const change = (source: string) => `Change it: ${commandLine(project, `up --ui-password ${source}`)}`;
  if (given && given !== password) {
    return [`UI_PASSWORD is not used, because this stack has a UI password. ${change('env:UI_PASSWORD')}`];
  }
  const weakness = loginWeakness(secrets);
  // Whoever asks for it this time knows.
  if (weakness === undefined || given === password) return [];
  const is = weakness === 'short' ? 'has fewer than 8 characters' : 'is well known';
  return [
    `The UI password ${is}: any user of this machine can log in and use the stored provider keys. ${change('generate')}`,
  ];
}

/** What `up` would do, found out without asking the engine anything. */
export function dryOutcome(
  invocation: Invocation,
  spec: StackSpec,
  { secrets, runtime }: Stack,
  pull: PullPolicy,
): Outcome<UpData> {
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
      keys: null,
      secretsFile: settings.paths.secrets,
      elapsedMs: 0,
      nextSteps: [],
      applied: null,
      plan: [
        ...(secrets ? [] : [`make secrets in ${settings.paths.secrets}`]),
        ...(spec.tls
          ? [`write certificate, key and configuration of ${spec.tls.proxy} into ${settings.paths.tls}`]
          : []),
        ...runtime.plan(spec, pull),
        `wait until ${localUrl}/health/readiness says connected${spec.tls ? `, and ${url} passes it on` : ''}`,
      ],
    },
  };
}
