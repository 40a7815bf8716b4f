import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Container } from '../../../../src/runtime/docker/engine/container.ts';
import type { EngineClient, EngineFilter } from '../../../../src/runtime/docker/engine/engine-client.ts';
import { publishingContainer } from '../../../../src/runtime/docker/publishing-container.ts';

const recorded = Container.parse(
  JSON.parse(readFileSync(new URL('../../../fixtures/docker/inspect-litellm.json', import.meta.url), 'utf8')),
);

function ask(...containers: Container[]) {
  const filters: EngineFilter[] = [];
  const engine = {
    containers: async (filter: EngineFilter) => {
      filters.push(filter);
      return containers;
    },
  } as unknown as EngineClient;
  return { holder: publishingContainer(engine, 4877), filters };
}

test('names the container and its project', async () => {
  const { holder, filters } = ask(recorded);
  expect(await holder).toEqual({ name: 'rt-trial-litellm-1', project: 'rt-trial' });
  expect(filters).toEqual([{ key: 'publish', value: '4877' }]);
});

test('names a container without a project', async () => {
  const { holder } = ask({ ...recorded, Config: { ...recorded.Config, Labels: {} } });
  expect(await holder).toEqual({ name: 'rt-trial-litellm-1', project: undefined });
});

test('names a paused container', async () => {
  const { holder } = ask({ ...recorded, State: { ...recorded.State, Status: 'paused' } });
  expect(await holder).toEqual({ name: 'rt-trial-litellm-1', project: 'rt-trial' });
});

test('returns nothing when no container publishes the port', async () => {
  expect(await ask().holder).toBeUndefined();
  expect(await ask({ ...recorded, State: { ...recorded.State, Status: 'exited' } }).holder).toBeUndefined();
});
