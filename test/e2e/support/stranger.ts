import { execFileSync } from 'node:child_process';
import process from 'node:process';

/** Why the tests cannot act as another user here. */
export const noStranger = process.getuid?.() === 0 ? undefined : 'only root can be another user';

/** A user of this machine without a stack. */
export const STRANGER = 54_321;

/** Runs a Node script as a user and returns its output. */
function asUser(uid: number, script: string, input: unknown = null): string {
  const code = `const input = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));\n${script}`;
  // Node also removes the groups, as `setpriv --clear-groups` does.
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

/** The answer of a Unix socket to a user: a status and a body, or the system's error. */
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

/** PostgreSQL's answer to a user who logs in as a role on its socket, or the system's error. */
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
