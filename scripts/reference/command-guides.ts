export interface CommandGuide {
  /** The page that explains the command, in `docs/`. */
  readonly guide?: string;
  /** The commands and requests behind it, for those who know Docker and LiteLLM. */
  readonly runs?: readonly string[];
}

/** What the program cannot tell of its commands. */
export const COMMAND_GUIDES: Readonly<Record<string, CommandGuide>> = {
  up: {
    guide: 'getting-started.md',
    runs: [
      'docker compose -p agents-llm --project-directory … -f docker-compose.yml --env-file .env --env-file compose.env up -d',
      '# with --tls: also -f templates/compose.nginx.yml or compose.traefik.yml',
      '# with an external database: also -f templates/compose.external-database.yml',
    ],
  },
  down: { guide: 'data.md#delete', runs: ['docker compose … stop', 'docker compose … down --volumes'] },
  status: {
    guide: 'getting-started.md#check-on-it',
    runs: [
      "GET /containers/json on the engine's socket",
      'GET /health/readiness, /key/list, /model/info on the gateway',
    ],
  },
  logs: { guide: 'troubleshooting.md#then-the-logs', runs: ['docker logs --timestamps …, merged in order of time'] },
  restart: { guide: 'troubleshooting.md', runs: ['docker compose … up -d --force-recreate [service…]'] },
  upgrade: {
    guide: 'data.md#upgrade',
    runs: ['docker pull', 'pg_dump', 'docker compose … up -d --force-recreate litellm'],
  },
  'verify-persistence': {
    guide: 'data.md#what-survives-what',
    runs: [
      'docker exec … psql',
      'GET /credentials, /model/info, /key/list, /team/list on the gateway',
      'docker compose … up -d --force-recreate',
    ],
  },
  backup: { guide: 'data.md#back-up', runs: ['docker exec … pg_dump -Fc, checked by pg_restore --list'] },
  restore: {
    guide: 'data.md#restore',
    runs: ['docker exec … pg_restore into a second database; both are swapped in one transaction'],
  },
  'rotate-master-key': {
    guide: 'data.md#rotate-secrets',
    runs: ['.env, then docker compose … up -d --force-recreate litellm'],
  },
  'rotate-db-password': {
    guide: 'data.md#rotate-secrets',
    runs: ['ALTER ROLE by psql inside the container, then .env, then docker compose … up -d'],
  },
  doctor: {
    guide: 'troubleshooting.md',
    runs: [
      'docker --version; docker compose version',
      "GET /info, /images, /containers on the engine's socket",
      'docker exec … psql',
      'GET /health/readiness, /credentials, /model/info, /key/list, /team/list on the gateway',
    ],
  },
  native: {
    guide: 'without-docker.md',
    runs: ['uv venv …; uv pip install --require-hashes --no-deps -r litellm-1.108.11.txt'],
  },
  ui: { guide: 'faq.md#what-is-the-login-of-the-ui' },
  setup: { guide: 'getting-started.md#add-a-model' },
  init: { guide: 'configuration.md' },
  apply: {
    guide: 'configuration.md#apply-it',
    runs: [
      'GET /credentials, /model/info, /v1/models, /key/list on the gateway',
      '# then what provider add, alias add and provision-key call',
    ],
  },
  provider: {
    guide: 'models-and-keys.md#providers',
    runs: ['POST or PATCH /credentials, read back', '# test makes one real call, which costs a token or so'],
  },
  alias: {
    guide: 'models-and-keys.md#aliases',
    runs: ['GET /model/info, then POST /model/new or PATCH /model/ID/update, then GET /model/info and /v1/models'],
  },
  'provision-key': { guide: 'models-and-keys.md#virtual-keys' },
  key: { guide: 'models-and-keys.md#virtual-keys' },
  env: { guide: 'getting-started.md#call-it-from-your-application' },
  run: { guide: 'getting-started.md#call-it-from-your-application' },
  chat: {
    guide: 'requests-and-spend.md',
    runs: ['GET /v1/models, /v2/model/info, /key/list, then POST /v1/chat/completions with the virtual key'],
  },
  requests: {
    guide: 'requests-and-spend.md#what-went-through-the-gateway',
    runs: ['GET /spend/logs/ui, a page of at most 100 rows at a time'],
  },
  spend: {
    guide: 'requests-and-spend.md#what-it-has-cost',
    runs: ['GET /user/daily/activity, a page of at most 1,000 rows at a time'],
  },
  launch: { guide: 'coding-agents.md' },
  connect: { guide: 'coding-agents.md#set-an-agent-up-once' },
  disconnect: { guide: 'coding-agents.md#set-an-agent-up-once' },
  export: { guide: 'export.md' },
  completion: { guide: 'getting-started.md#completion' },
};
