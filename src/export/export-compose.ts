import { commandLine } from '../model/settings.ts';
import { exportedSecrets, resolvedCompose } from '../runtime/docker/compose/resolved-compose.ts';
import { comment, fileWarnings, type HandOver, type Leaving } from './hand-over.ts';
import { litellmHandOver, litellmService } from './leaving-litellm.ts';

/** `source` is the text of our docker-compose.yml, `secrets` that of the stack's `.env`. */
export function composeHandOver(
  { spec, variables, litellmFiles }: Leaving,
  { source, secrets }: { readonly source: string; readonly secrets: string },
): HandOver {
  const ours = (rest: string) => `  ${commandLine(spec.project, rest)}`;
  const head = comment([
    `The stack ${spec.project}, as agents-llm runs it. This file contains no secrets: Compose reads them from .env beside it.`,
    `  (umask 077; ${commandLine(spec.project, 'export compose --reveal')} > .env)`,
    '',
    'To move the data, run here:',
    ours('down'),
    ours('backup litellm.dump'),
    'Then run where it continues, in a folder with this file as docker-compose.yml, the same .env (provider keys can only be',
    'read with its LITELLM_SALT_KEY) and litellm.dump:',
    '  docker compose up -d --wait litellm-db',
    '  docker compose exec -T litellm-db pg_restore --no-owner --exit-on-error --single-transaction -U litellm -d litellm < litellm.dump',
    '  docker compose up -d --wait',
  ]);
  return {
    main: {
      name: 'docker-compose.yml',
      text: `${head}\n${resolvedCompose(source, spec, { variables, service: litellmService(litellmFiles) })}`,
    },
    secrets: { name: '.env', text: `${secrets}${exportedSecrets(variables)}` },
    others: litellmHandOver(litellmFiles),
    warnings: fileWarnings(variables),
  };
}
