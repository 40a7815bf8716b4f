import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Served } from '../../../../src/io/network/connection.ts';
import { projectPaths } from '../../../../src/model/paths.ts';
import { nativeResponder } from '../../../../src/runtime/native/native-responder.ts';
import { fakeFiles } from '../../../support/fake-files.ts';
import { fakeProcesses } from '../../../support/fake-processes.ts';
import { serviceRecord } from '../../../support/service-record.ts';

const paths = projectPaths('/h', 'agents-llm');
const end = { address: '127.0.0.1', port: 4000 };

interface World {
  readonly record?: string;
  readonly alive?: Readonly<Record<number, string>>;
  readonly served?: Served;
  readonly isClosed?: boolean;
}

function ask({ record, alive = { 20: 'child' }, served, isClosed = false }: World) {
  const text = record ?? JSON.stringify(serviceRecord());
  const processes = fakeProcesses(alive);
  const serves: typeof processes.serves = async (pid) => {
    if (!served || pid !== 20) throw new Error('no connection was to be looked at');
    return served;
  };
  const files = fakeFiles(text === '' ? {} : { [join('/h/agents-llm/native', 'litellm.json')]: text });
  const responder = nativeResponder(paths, { uid: 1000, files, processes: { ...processes, serves } });
  return responder({ local: end, remote: end, isClosed: () => isClosed }, new AbortController().signal);
}

test.each([
  ['its process or a child of it has the connection', { served: 'ours' }, 'proxy'],
  ['another process has it', { served: 'other' }, 'other'],
  ['the system does not show who has it', { served: 'unseen' }, 'other'],
  ['the connection no longer exists', { served: 'gone' }, 'gone'],
  ['the connection was closed meanwhile', { served: 'other', isClosed: true }, 'gone'],
  ['its process has ended', { alive: {} }, 'other'],
  ['its process id now belongs to another process', { alive: { 20: 'another' } }, 'other'],
  ['its process could not be started', { record: JSON.stringify(serviceRecord({ child: null })) }, 'other'],
  ['no record was ever written', { record: '' }, 'other'],
  ['its process and the connection have ended', { alive: {}, isClosed: true }, 'gone'],
] as const)('identifies the responder when %s', async (_, world, who) => expect(await ask(world)).toEqual({ who }));
