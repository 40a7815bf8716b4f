import { expect, test } from 'vitest';
import { nativePaths } from '../../../../../src/runtime/native/folders/native-paths.ts';

const HOME = '/home/me/.local/share/agents-llm';

test('keeps everything of a user in the home folder, the installation beside the projects', () => {
  const folder = `${HOME}/shop`;
  expect(nativePaths({ folder }, 1000)).toEqual({
    installs: `${HOME}/native`,
    sharedInstalls: '/var/lib/agents-llm/native',
    dataParent: folder,
    data: `${folder}/pgdata`,
    sockets: `${folder}/sockets`,
    folder: `${folder}/native`,
    litellmFiles: `${folder}/native/litellm`,
    logs: `${folder}/native/logs`,
    home: `${folder}/native/home`,
    migrations: `${folder}/native/migrations`,
    databaseReady: `${folder}/native/database-ready`,
  });
});

test('keeps the installation and data of root where other users can reach them', () => {
  const one = nativePaths({ folder: '/root/a/one' }, 0);
  const two = nativePaths({ folder: '/root/a/two' }, 0);
  expect(one.installs).toBe('/var/lib/agents-llm/native');
  expect(one.sharedInstalls).toBe(one.installs);
  expect(one.data).toMatch(/^\/var\/lib\/agents-llm\/data\/[0-9a-f]{12}\/pgdata$/);
  expect(one.folder).toBe('/root/a/one/native');
  expect(one.home).toBe(`${one.dataParent}/proxy/home`);
  expect(one.migrations).toBe(`${one.home}/migrations`);
  expect(two.data).not.toBe(one.data);
  expect(nativePaths({ folder: '/root/a/one' }, 0)).toEqual(one);
});

test('puts the socket in a short folder when the path is too long', () => {
  const deep = `/${'d'.repeat(80)}/shop`;
  expect(nativePaths({ folder: deep }, 1000).sockets).toMatch(/^\/tmp\/agents-llm-[0-9a-f]{12}$/);
});

test('treats a system without user ids as an ordinary user', () => {
  expect(nativePaths({ folder: '/x/y' }, undefined).installs).toBe('/x/native');
});
