import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, systemClock } from '../../src/io/clock.ts';
import { systemHttp } from '../../src/io/network/http.ts';
import { createAdminClient } from '../../src/litellm/admin/client.ts';
import { Secret } from '../../src/model/secret.ts';
import { MASTER_KEY } from './fake-litellm.ts';
import type { FakeLitellm } from './fake-litellm-state.ts';

interface Changes {
  readonly url?: string;
  readonly masterKey?: string;
  readonly keySource?: string;
  readonly startCommand?: string | null;
  readonly signal?: AbortSignal;
}

const SPEED = 25;

/** A clock on which sleeps end soon, in their order, leaving others a turn. */
function hastyClock(): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    async sleep(ms, signal) {
      // What looks beside a call only when that is slow, and ends with it.
      if (ms >= 2000 && signal) return systemClock.sleep(ms, signal);
      skipped += ms;
      await delay(Math.max(2, ms / SPEED));
    },
  };
}

/** A client of a test server. */
export function clientOf(fake: Pick<FakeLitellm, 'url'>, changes: Changes = {}) {
  const {
    url = fake.url,
    masterKey = MASTER_KEY,
    keySource = 'LITELLM_MASTER_KEY',
    startCommand = 'agents-llm up',
  } = changes;
  return createAdminClient({
    http: systemHttp(),
    clock: hastyClock(),
    target: { url, masterKey: new Secret(masterKey), keySource, startCommand, peer: null },
    signal: changes.signal ?? new AbortController().signal,
  });
}
