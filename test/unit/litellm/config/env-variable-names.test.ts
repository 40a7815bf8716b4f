import { expect, test } from 'vitest';
import { isDangerousVariable, isUsualVariable } from '../../../../src/litellm/config/env-variable-names.ts';

test.each(['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'NODE_AUTH_TOKEN', 'MY_API_KEY'])(
  'treats %s as a usual variable',
  (name) => {
    expect([isUsualVariable(name), isDangerousVariable(name)]).toEqual([true, false]);
  },
);

test.each(['LITELLM_KEY', 'MODEL_URL', 'SECRET', 'openai_api_key'])('writes %s only on request', (name) => {
  expect([isUsualVariable(name), isDangerousVariable(name)]).toEqual([false, false]);
});

test.each([
  'PATH',
  'Path',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'DYLD_INSERT_LIBRARIES',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'http_proxy',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'no_proxy',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'PYTHON_GIL',
  'PERL5OPT',
  'RUBYOPT',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'BASH_ENV',
  'ENV',
  'IFS',
  'PROMPT_COMMAND',
  'GIT_SSH_COMMAND',
  'SSH_ASKPASS',
  'SSL_CERT_FILE',
  'EDITOR',
  'npm_config_registry',
  'DOCKER_HOST',
  'COMPOSE_FILE',
  'AGENTS_LLM_TRUST',
])('never writes %s', (name) => {
  expect([isUsualVariable(name), isDangerousVariable(name)]).toEqual([false, true]);
});
