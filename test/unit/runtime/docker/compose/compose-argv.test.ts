import { expect, test } from 'vitest';
import {
  composeDown,
  composeStop,
  composeUp,
  composeVersion,
  shellLine,
} from '../../../../../src/runtime/docker/compose/compose-argv.ts';

const project = { name: 'shop', folder: '/d', files: ['/p/docker-compose.yml'] };
const head = 'docker compose -p shop --project-directory /d -f /p/docker-compose.yml';
const files = ['/d/.env', '/d/compose.env'];
const env = '--env-file /d/.env --env-file /d/compose.env';

test.each([
  ['version', composeVersion(), 'docker compose version --short'],
  ['up', composeUp(project, files), `${head} ${env} up -d --pull never`],
  [
    'recreate',
    composeUp(project, files, { recreate: ['litellm'] }),
    `${head} ${env} up -d --pull never --force-recreate litellm`,
  ],
  ['one service', composeUp(project, files, { only: ['litellm-db'] }), `${head} ${env} up -d --pull never litellm-db`],
  ['stop', composeStop(project), `${head} stop`],
  ['stop one', composeStop(project, ['litellm']), `${head} stop litellm`],
  ['down', composeDown(project, { volumes: false }), `${head} down`],
  ['down with volumes', composeDown(project, { volumes: true }), `${head} down -v`],
])('writes the command line for: %s', (_, command, expected) => {
  expect(shellLine(command)).toBe(expected);
});
