import { expect, it } from 'vitest';
import { isSameImage } from '../../../src/model/image-name.ts';

it.each([
  ['postgres:16-alpine', 'docker.io/library/postgres:16-alpine', true],
  ['index.docker.io/library/postgres:16-alpine', 'postgres:16-alpine', true],
  ['postgres:16-alpine', 'localhost/postgres:16-alpine', true],
  ['postgres:16-alpine', 'localhost:5000/postgres:16-alpine', false],
  ['berriai/litellm:v1', 'docker.io/berriai/litellm:v1', true],
  ['ghcr.io/berriai/litellm:v1', 'ghcr.io/berriai/litellm:v1', true],
  ['ghcr.io/berriai/litellm:v1', 'berriai/litellm:v1', false],
  ['postgres:16-alpine', 'docker.io/library/postgres:17-alpine', false],
  ['docker.io.example/postgres:16', 'postgres:16', false],
  [undefined, undefined, true],
  ['postgres:16', undefined, false],
])('compares %s and %s: %s', (one, other, same) => {
  expect([isSameImage(one, other), isSameImage(other, one)]).toEqual([same, same]);
});
