import { describe, expect, it } from 'vitest';
import { plainPaint } from '../../../../src/io/terminal/paint.ts';
import { nextSteps, type UpData } from '../../../../src/stack/lifecycle/up-outcome.ts';
import { renderUp } from '../../../../src/stack/lifecycle/up-summary.ts';

const DATA: UpData = {
  project: 'agents-llm',
  runtime: 'docker',
  change: 'started',
  url: 'http://127.0.0.1:4000',
  localUrl: 'http://127.0.0.1:4000',
  tls: null,
  version: '1.108.11',
  ui: { url: 'http://127.0.0.1:4000/ui/', username: 'admin', password: 'admin' },
  logRetention: null,
  keys: 0,
  secretsFile: '/home/me/.env',
  elapsedMs: 25_340,
  nextSteps: ['npx agents-llm provision-key'],
  applied: null,
  plan: null,
};

describe('nextSteps', () => {
  it('uses OpenAI as the example without an API key in the environment', () => {
    expect(nextSteps('agents-llm', {}, 0)).toEqual([
      'npx agents-llm setup --from-env OPENAI_API_KEY',
      'npx agents-llm run -- COMMAND',
      'npx agents-llm chat "Say hello"',
    ]);
  });

  it('uses the provider whose API key is in the environment, and names the project', () => {
    expect(nextSteps('two', { ANTHROPIC_API_KEY: 'sk-ant-secret' }, null)).toEqual([
      'npx agents-llm -p two setup --provider anthropic --from-env ANTHROPIC_API_KEY',
      'npx agents-llm -p two run -- COMMAND',
      'npx agents-llm -p two chat "Say hello"',
    ]);
    expect(nextSteps('agents-llm', { GROQ_API_KEY: 'secret' }, 0)[0]).toBe(
      'npx agents-llm setup --provider groq --from-env GROQ_API_KEY --target groq/MODEL',
    );
  });

  it('suggests no provider for a stack that has virtual keys', () => {
    expect(nextSteps('agents-llm', {}, 1)).toEqual([
      'npx agents-llm run -- COMMAND',
      'npx agents-llm chat "Say hello"',
    ]);
  });
});

describe('renderUp', () => {
  it('shows address, version, time, login, secrets and next steps', () => {
    expect(renderUp(DATA, plainPaint)).toBe(`LiteLLM 1.108.11 is ready at http://127.0.0.1:4000 (25.3 s)

  UI       http://127.0.0.1:4000/ui/  login admin / admin
  project  agents-llm (docker)
  secrets  /home/me/.env

Next:
  npx agents-llm provision-key
`);
  });

  it('says how long requests are logged when up has just set that', () => {
    expect(renderUp({ ...DATA, logRetention: '30d' }, plainPaint)).toContain(
      '\n  secrets  /home/me/.env\n  logs     requests are logged for 30 days, then deleted\n\nNext:',
    );
  });

  it('shows both addresses and the certificate of a reverse proxy', () => {
    const tls = {
      ...{ proxy: 'nginx', host: 'llm.lan', certificate: '/d/tls/cert.pem' },
      ...{ selfSigned: true, expires: '2028-04-05T12:00:00.000Z' },
    };
    const text = renderUp({ ...DATA, url: 'https://llm.lan', tls }, plainPaint);
    expect(text).toContain('is ready at https://llm.lan (25.3 s)');
    expect(text).toContain('  local    http://127.0.0.1:4000  plain HTTP, this machine only\n');
    expect(text).toContain('  TLS      nginx, certificate self-signed, /d/tls/cert.pem, until 2028-04-05\n');
  });

  it('shows no password except the default one, and no unknown version', () => {
    const text = renderUp(
      { ...DATA, change: 'unchanged', version: null, ui: { ...DATA.ui, password: null } },
      plainPaint,
    );
    expect(text).toContain('LiteLLM is ready at http://127.0.0.1:4000 (already running)');
    expect(text).toContain('/ui/  login: npx agents-llm ui\n');
  });

  it('shows the applied changes before the next steps', () => {
    const plan = [{ action: 'create', kind: 'alias', name: 'gpt-5', changes: ['openai/gpt-4o', 'by openai'] }] as const;
    const text = renderUp({ ...DATA, applied: { file: 'agents-llm.yaml', plan } }, plainPaint);
    expect(text).toContain('\n\nagents-llm.yaml:\n  + alias gpt-5: openai/gpt-4o, by openai\n\nNext:\n');
    const same = renderUp({ ...DATA, applied: { file: 'agents-llm.yaml', plan: [] } }, plainPaint);
    expect(same).toContain('\n\nagents-llm.yaml: nothing to change\n\nNext:\n');
  });

  it('prints the plan of a dry run', () => {
    expect(renderUp({ ...DATA, plan: ['one', 'two'] }, plainPaint)).toBe('one\ntwo\n');
  });
});
