import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { litellmText } from '../../../src/litellm/gateway-config/litellm-text.ts';
import { withLoopback, yamlWithLoopback } from '../../../src/model/this-machine.ts';

const CASES = [
  ['http://host.docker.internal:11434', 'http://127.0.0.1:11434'],
  ['http://host.docker.internal', 'http://127.0.0.1'],
  ['http://host.docker.internal/v1', 'http://127.0.0.1/v1'],
  ['redis://:x@host.docker.internal:6379', 'redis://:x@127.0.0.1:6379'],
  ['host.docker.internal', '127.0.0.1'],
  ['host.docker.internal:6379', '127.0.0.1:6379'],
  ['http://host.docker.internal.example', 'http://host.docker.internal.example'],
  ['http://my-host.docker.internal', 'http://my-host.docker.internal'],
  ['ask host.docker.internal', 'ask host.docker.internal'],
] as const;

test.each(CASES)('%s', (value, wanted) => {
  expect(withLoopback(value)).toBe(wanted);
  const shapes = (text: string) => ({ a: text, b: [text, [text]], c: { d: text } });
  expect(parse(yamlWithLoopback(litellmText(shapes(value))))).toEqual(shapes(wanted));
});
