import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  COMPOSE_VARIABLES,
  composeEnv,
  composeEnvWithoutFiles,
  REQUIRED_VARIABLES,
} from '../../../../../src/runtime/docker/compose/compose-env.ts';

const usedIn = (file: string) => {
  const text = readFileSync(new URL(`../../../../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/(?<!\$)\$\{?([A-Z_]+)(:\?)?/g)].map(([, name = '', required]) => ({ name, required }));
};
const LAYERS = ['fast-start', 'nginx', 'traefik', 'external-database'].map((name) => `templates/compose.${name}.yml`);
const names = (variables: readonly { name: string }[]) => [...new Set(variables.map(({ name }) => name))].sort();

test('knows every variable of docker-compose.yml and its overlays', () => {
  expect(names(['docker-compose.yml', ...LAYERS].flatMap(usedIn))).toEqual([...COMPOSE_VARIABLES].sort());
});

test('knows every required variable of docker-compose.yml', () => {
  expect(names(usedIn('docker-compose.yml').filter(({ required }) => required))).toEqual(
    [...REQUIRED_VARIABLES].sort(),
  );
});

test('passes on the environment of the user without variables that override our files', () => {
  const ours = Object.fromEntries(COMPOSE_VARIABLES.map((name) => [name, 'stray']));
  const env = { ...ours, PATH: '/bin', COMPOSE_FILE: 'x.yml', COMPOSE_PROFILES: '*', DOCKER_HOST: 'unix:///x' };
  expect(composeEnv(env)).toEqual({ PATH: '/bin', DOCKER_HOST: 'unix:///x' });
});

test('needs no file to stop the stack', () => {
  expect(composeEnvWithoutFiles({ PATH: '/bin', POSTGRES_PASSWORD: 'stray', COMPOSE_FILE: 'x.yml' })).toEqual({
    PATH: '/bin',
    LITELLM_MASTER_KEY: 'unused',
    LITELLM_SALT_KEY: 'unused',
    POSTGRES_PASSWORD: 'unused',
    UI_PASSWORD: 'unused',
    COMPOSE_DISABLE_ENV_FILE: '1',
  });
});
