import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { systemBrowser } from '../../../../src/io/terminal/browser.ts';
import { fakeClock, stillClock } from '../../../support/fake-clock.ts';

class Opener extends EventEmitter {
  exitCode: number | null = null;
}

const URL = 'http://127.0.0.1:4000/ui/';

function openWith(opener: Opener, clock = stillClock): Promise<boolean> {
  return systemBrowser(clock, async (url) => {
    expect(url).toBe(URL);
    return opener;
  }).open(URL);
}

test('reports success for a program that opens the address and ends', async () => {
  const opener = new Opener();
  const opened = openWith(opener);
  setImmediate(() => opener.emit('exit', 0));
  expect(await opened).toBe(true);
});

test('reports failure for a program that fails, even if it has failed already', async () => {
  const opener = new Opener();
  opener.exitCode = 3;
  expect(await openWith(opener)).toBe(false);
  const killed = new Opener();
  setImmediate(() => killed.emit('exit', null));
  expect(await openWith(killed)).toBe(false);
});

test('reports success for a program that becomes the browser', async () => {
  expect(await openWith(new Opener(), fakeClock())).toBe(true);
});

test('reports failure when the program does not exist', async () => {
  const browser = systemBrowser(stillClock, () => Promise.reject(new Error('spawn xdg-open ENOENT')));
  expect(await browser.open(URL)).toBe(false);
});
