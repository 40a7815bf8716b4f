import { join } from 'node:path';
import type { Command } from '../../../io/processes/runner.ts';
import { isolated } from './python.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface Setting {
  /** The variables of uv for it. The first is set unless the user has set one of them. */
  readonly variables: readonly [string, ...string[]];
  readonly translate?: (value: string) => string;
}

const words = (value: string) => value.trim().split(/\s+/);

/** pip's settings as variables of uv, which does not read pip's settings. */
const SETTINGS: Readonly<Record<string, readonly Setting[]>> = {
  'index-url': [{ variables: ['UV_DEFAULT_INDEX', 'UV_INDEX_URL'] }],
  'extra-index-url': [{ variables: ['UV_INDEX', 'UV_EXTRA_INDEX_URL'], translate: (value) => words(value).join(' ') }],
  'find-links': [{ variables: ['UV_FIND_LINKS'], translate: (value) => words(value).join(',') }],
  'no-index': [{ variables: ['UV_NO_INDEX'] }],
  'trusted-host': [{ variables: ['UV_INSECURE_HOST'], translate: (value) => words(value).join(' ') }],
  cert: [{ variables: ['SSL_CERT_FILE'] }],
  'client-cert': [{ variables: ['SSL_CLIENT_CERT'] }],
  timeout: [{ variables: ['UV_HTTP_TIMEOUT'] }],
  'default-timeout': [{ variables: ['UV_HTTP_TIMEOUT'] }],
  retries: [{ variables: ['UV_HTTP_RETRIES'] }],
  proxy: [{ variables: ['HTTPS_PROXY', 'https_proxy'] }, { variables: ['HTTP_PROXY', 'http_proxy'] }],
};

/** The user's settings of uv that would change the packages or the place of the environment. */
const MISLEADING = [
  ...['UV_NO_VERIFY_HASHES', 'UV_CONSTRAINT', 'UV_OVERRIDE', 'UV_EXCLUDE', 'UV_NO_BINARY', 'UV_TORCH_BACKEND'],
  ...['UV_SYSTEM_PYTHON', 'UV_PYTHON', 'UV_PROJECT', 'UV_PROJECT_ENVIRONMENT', 'UV_WORKING_DIR', 'UV_VENV_SEED'],
  ...['UV_COMPILE_BYTECODE', 'UV_NO_CACHE', 'UV_CACHE_DIR'],
];

export const readPipSettings = (python: string, programs: string): Command =>
  isolated(python, [join(programs, 'pip_settings.py')]);

/** The environment for uv: the user's, with pip's settings translated, and with its own cache. */
export function uvEnvironment(settings: string, env: Env, cache: string): Env {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !MISLEADING.includes(name)));
  // With its own cache, the user's may be read-only or another user's, and uv can move files into the environment.
  return { ...kept, ...uvSettings(settings, env), UV_CACHE_DIR: cache, UV_PYTHON_DOWNLOADS: 'never' };
}

/** pip's settings as variables of uv. */
export function uvSettings(settings: string, env: Env): Env {
  const translated: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsePipSettings(settings))) {
    for (const { variables, translate } of SETTINGS[name] ?? []) {
      const isSet = variables.some((variable) => env[variable]);
      if (!isSet && value.trim() !== '') translated[variables[0]] = translate?.(value) ?? value.trim();
    }
  }
  // The same strategy as in pip; the hashes ensure that it is the right package.
  return translated.UV_INDEX ? { UV_INDEX_STRATEGY: 'unsafe-best-match', ...translated } : translated;
}

/** Empty if the settings could not be read. */
function parsePipSettings(text: string): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}
