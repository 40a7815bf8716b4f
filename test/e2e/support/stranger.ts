import { execFileSync } from 'node:child_process';
import process from 'node:process';

/** Why no other user can be played here. */
export const noStranger = process.getuid?.() === 0 ? undefined : 'only root can be another user';

/** A user of this machine that has nothing to do with any stack. */
export const STRANGER = 54_321;

/** Runs a script of Node's as a user, and gives what it prints. */
function asUser(uid: number, script: string, input: unknown = null): string {
  const code = `const input = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));\n${script}`;
  // Node takes away the groups with it, as `setpriv --clear-groups` does.
  return execFileSync(process.execPath, ['-e', code], {
    uid,
    gid: uid,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    input: JSON.stringify(input),
    encoding: 'utf8',
  }).trim();
}

/** What the system says when a user tries something with a file: `OK`, or its refusal such as `EACCES`. */
export function tryFileAs(uid: number, action: 'read' | 'write' | 'list', path: string): string {
  const script = `
    const fs = require('node:fs');
    const actions = { read: fs.readFileSync, write: (path) => fs.openSync(path, 'a'), list: fs.readdirSync };
    try {
      actions[input.action](input.path);
      console.log('OK');
    } catch ({ code }) {
      console.log(code);
    }`;
  return asUser(uid, script, { action, path });
}

/** What asking a Unix socket gives a user: a status and a body, or the system's refusal. */
export function askSocketAs(uid: number, socketPath: string, headers: Readonly<Record<string, string>>, body: string) {
  const script = `
    const { path, headers, body } = input;
    const request = require('node:http').request({ socketPath: path, method: 'POST', path: '/', headers });
    const say = (value) => console.log(JSON.stringify(value));
    request.on('error', ({ code }) => say({ code }));
    request.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      say({ status: response.statusCode, text });
    });
    request.end(body);`;
  const answer = asUser(uid, script, { path: socketPath, headers, body });
  return JSON.parse(answer) as { readonly code?: string; readonly status?: number; readonly text?: string };
}

/** What PostgreSQL tells a user on its socket who wants to be a role, or the system's refusal. */
export function connectSocketAs(uid: number, socketPath: string, role: string): string {
  const script = `
    const { path, role } = input;
    const text = Buffer.from('user\\0' + role + '\\0database\\0postgres\\0\\0');
    const head = Buffer.alloc(8);
    head.writeInt32BE(text.length + 8, 0);
    head.writeInt32BE(196608, 4);
    const socket = require('node:net').connect({ path });
    socket.on('connect', () => socket.write(Buffer.concat([head, text])));
    socket.on('data', (data) => { console.log(data.toString('latin1').replaceAll('\\0', ' ')); socket.destroy(); });
    socket.on('error', ({ code }) => console.log(code));`;
  return asUser(uid, script, { path: socketPath, role });
}
