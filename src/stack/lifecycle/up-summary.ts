import type { Paint } from '../../io/terminal/paint.ts';
import { stepLines } from '../../litellm/apply/plan-view.ts';
import { npxLine } from '../../model/settings.ts';
import { alignColumns } from '../../text/align-columns.ts';
import { formatDuration } from '../../text/duration.ts';
import { describeCertificate, type TlsView } from '../tls/tls-view.ts';
import type { UpData } from './up-outcome.ts';

export function renderUp(data: UpData, paint: Paint): string {
  if (data.plan) return [...data.plan, ''].join('\n');
  const took = data.change === 'unchanged' ? 'already running' : formatDuration(data.elapsedMs);
  const { username, password } = data.ui;
  const login = password === null ? `login: ${npxLine(data.project, 'ui')}` : `login ${username} / ${password}`;
  const facts = alignColumns([
    ['  UI', `${data.ui.url}  ${login}`],
    ...(data.tls ? tlsFacts(data.localUrl, data.tls) : []),
    ['  project', `${data.project} (${data.runtime})`],
    ['  secrets', data.secretsFile],
    ...(data.logRetention ? [['  logs', `requests are logged for ${daysOf(data.logRetention)}, then deleted`]] : []),
  ]);
  const version = data.version ? `LiteLLM ${data.version}` : 'LiteLLM';
  const lines = [`${paint.green(`${version} is ready`)} at ${paint.bold(data.url)} (${took})`, '', facts, ''];
  if (data.applied) lines.push(...appliedLines(data.applied, paint), '');
  return [...lines, 'Next:', ...data.nextSteps.map((step) => `  ${step}`), ''].join('\n');
}

/** `30d` as people say it. */
const daysOf = (retention: string) => retention.replace(/^(\d+)d$/, '$1 days');

function tlsFacts(localUrl: string, tls: TlsView): string[][] {
  return [
    ['  local', `${localUrl}  plain HTTP, this machine only`],
    ['  TLS', `${tls.proxy}, certificate ${describeCertificate(tls)}`],
  ];
}

function appliedLines({ file, plan }: NonNullable<UpData['applied']>, paint: Paint): readonly string[] {
  if (plan.length === 0) return [`${file}: nothing to change`];
  return [`${file}:`, ...stepLines(plan, paint).map((line) => `  ${line}`)];
}
