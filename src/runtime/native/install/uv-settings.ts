import type { Command } from '../../../io/processes/runner.ts';
import { isolated } from './python.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How uv, which does not read pip's settings, is told of them: by a variable, unless the user has set one of these. */
const SETTINGS: Readonly<Record<string, readonly (readonly [variable: string, ...others: string[]])[]>> = {
  'index-url': [['UV_DEFAULT_INDEX', 'UV_INDEX_URL']],
  'extra-index-url': [['UV_INDEX', 'UV_EXTRA_INDEX_URL']],
  cert: [['SSL_CERT_FILE']],
  proxy: [
    ['HTTPS_PROXY', 'https_proxy'],
    ['HTTP_PROXY', 'http_proxy'],
  ],
};
/** The section that counts most comes last. */
const SECTIONS = ['global', 'install', ':env:'];

/** Its variables, its configuration files, and what is set for this Python. */
export const listPipSettings = (python: string): Command => isolated(python, ['-m', 'pip', 'config', 'list']);

/** The variables that pip's settings, as it lists them, mean for uv. */
export function uvSettings(list: string, env: Env): Env {
  const rows = [...list.matchAll(/^(:env:|global|install)\.([a-z-]+)='(.*)'\r?$/gm)];
  const found: Record<string, string> = {};
  for (const section of SECTIONS) {
    for (const [, of, name = '', value = ''] of rows) {
      if (of !== section) continue;
      for (const variables of SETTINGS[name] ?? []) {
        if (!variables.some((variable) => env[variable])) found[variables[0]] = value.replaceAll('\\n', ' ').trim();
      }
    }
  }
  // As pip does it. Which package is meant is told by its hash.
  return found.UV_INDEX ? { UV_INDEX_STRATEGY: 'unsafe-best-match', ...found } : found;
}
