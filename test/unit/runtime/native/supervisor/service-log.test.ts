import { describe, expect, it } from 'vitest';
import type { LogLine, LogQuery, ServiceState } from '../../../../../src/model/service.ts';
import { serviceLogs } from '../../../../../src/runtime/native/supervisor/service-log.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { serviceState } from '../../../../support/service-state.ts';

const both = ['litellm-db', 'litellm'] as const;
const PROXY = '/logs/litellm.log';
const at = (second: number) => `2026-01-01T00:00:0${second}.000000Z`;
const proxy = (second: number, text: string) => `${at(second)} stdout ${text}\n`;
const database = (second: number, text: string) => `2026-01-01 00:00:0${second}.000 UTC [7] LOG:  ${text}\n`;
const running = both.map((service) => serviceState({ service }));
const stopped = both.map((service) => serviceState({ service, status: 'exited' }));

/** `looks` are given in turn: what happens before the services are looked at, and what is seen. */
function setUp(initial: Readonly<Record<string, string>>, looks: readonly (() => readonly ServiceState[])[] = []) {
  const files = fakeFiles(initial);
  const clock = fakeClock(Date.parse('2026-01-01T00:10:00Z'));
  const abort = new AbortController();
  const left = [...looks];
  const services = async () => {
    const next = left.shift();
    if (!next) throw new Error('nobody was to look again');
    return next();
  };
  const options = { folder: '/logs', files, services, clock, signal: abort.signal };
  const read = async (query: Partial<LogQuery> = {}) => {
    const lines: LogLine[] = [];
    for await (const line of serviceLogs({ services: both, follow: false, ...query }, options)) lines.push(line);
    return lines.map(({ service, text }) => `${service} ${text.replace(/^.*LOG: {2}/, '')}`);
  };
  const append = (path: string, text: string) => files.write(path, (files.all.get(path)?.text ?? '') + text, 0o600);
  return { files, clock, abort, options, read, append };
}

describe('serviceLogs', () => {
  it('returns nothing before the first start', async () => expect(await setUp({}).read()).toEqual([]));

  it('sorts the lines of both services by time', async () => {
    const { read } = setUp({
      [PROXY]: proxy(1, 'a') + proxy(4, 'd'),
      '/logs/litellm-db.log': database(2, 'b') + database(3, 'c'),
    });
    expect(await read()).toEqual(['litellm a', 'litellm-db b', 'litellm-db c', 'litellm d']);
  });

  it('keeps lines without a time behind the line they belong to', async () => {
    const { read } = setUp({
      [PROXY]: `${proxy(1, 'Traceback')}  File "x"\n`,
      '/logs/litellm-db.log': database(2, 'b'),
    });
    expect(await read()).toEqual(['litellm Traceback', 'litellm   File "x"', 'litellm-db b']);
  });

  it('starts with the rotated logs, the oldest first', async () => {
    const { read } = setUp({
      [PROXY]: proxy(3, 'c'),
      [`${PROXY}.1`]: proxy(2, 'b'),
      [`${PROXY}.2`]: proxy(1, 'a'),
    });
    expect(await read()).toEqual(['litellm a', 'litellm b', 'litellm c']);
  });

  it.each([
    [{ tail: 1 }, ['litellm-db c', 'litellm b']],
    [{ tail: 0 }, []],
    [{ tail: 9, services: ['litellm'] as const }, ['litellm a', 'litellm b']],
    [{ since: '9m58s' }, ['litellm b', 'litellm-db c']],
    [{ since: '2026-01-01T00:00:03Z' }, ['litellm-db c']],
    [{ since: '2026-01-01T01:00:03+01:00' }, ['litellm-db c']],
  ])('filters lines by %j', async (query, lines) => {
    const { read } = setUp({ [PROXY]: proxy(1, 'a') + proxy(2, 'b'), '/logs/litellm-db.log': database(3, 'c') });
    expect((await read(query)).sort()).toEqual([...lines].sort());
  });

  it('follows until nothing runs, and misses no line at the end', async () => {
    const { read, append } = setUp({ [PROXY]: proxy(1, 'a') }, [
      () => {
        void append(PROXY, proxy(2, 'b'));
        return running;
      },
      () => {
        void append(PROXY, proxy(3, 'c'));
        return stopped;
      },
    ]);
    expect(await read({ follow: true })).toEqual(['litellm a', 'litellm b', 'litellm c']);
  });

  it('follows a service that is about to be restarted', async () => {
    const restarting = [serviceState({ status: 'restarting' })];
    const { read, append } = setUp({ [PROXY]: proxy(1, 'a') }, [
      () => restarting,
      () => {
        void append(PROXY, proxy(2, 'b'));
        return stopped;
      },
    ]);
    expect(await read({ follow: true })).toEqual(['litellm a', 'litellm b']);
  });

  it('follows a log from its very beginning', async () => {
    const { read, append } = setUp({}, [
      () => running,
      () => {
        void append(PROXY, proxy(1, 'a'));
        return stopped;
      },
    ]);
    expect(await read({ follow: true })).toEqual(['litellm a']);
  });

  it('holds a line back until it is complete', async () => {
    const { read, append } = setUp({ [PROXY]: proxy(1, 'a').slice(0, -1) }, [
      () => {
        void append(PROXY, 'bc');
        return running;
      },
      () => {
        void append(PROXY, 'd\n');
        return stopped;
      },
    ]);
    expect(await read({ follow: true })).toEqual(['litellm abcd']);
  });

  it('follows a log through its rotation without losing a line', async () => {
    const { files, read } = setUp({ [PROXY]: proxy(1, 'a') }, [
      () => {
        void files.write(`${PROXY}.1`, proxy(1, 'a') + proxy(2, 'b'), 0o600);
        void files.write(PROXY, proxy(3, 'c').slice(0, 5), 0o600);
        return running;
      },
      () => {
        void files.write(PROXY, proxy(3, 'c'), 0o600);
        return stopped;
      },
    ]);
    expect(await read({ follow: true })).toEqual(['litellm a', 'litellm b', 'litellm c']);
  });

  it('ends with the reason of the signal', async () => {
    const reason = new Error('interrupted');
    const { read, abort } = setUp({ [PROXY]: proxy(1, 'a') }, [
      () => {
        abort.abort(reason);
        return running;
      },
    ]);
    await expect(read({ follow: true })).rejects.toBe(reason);
  });
});
