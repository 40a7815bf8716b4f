import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A user who owns none of the tests. */
const STRANGER = 65_533;

/** Answers as LiteLLM does when all is well, whoever asks, and writes all that it is sent to stdout. */
const PROGRAM = `
const { createServer } = require('node:net');
const ANSWERS = {
  '/health/readiness': { status: 'healthy', db: 'connected', litellm_version: '1.108.11' },
  '/health/readiness/details': { status: 'healthy', db: 'connected', litellm_version: '1.108.11' },
  '/key/list': { keys: [], total_count: 77, current_page: 1, total_pages: 1 },
  '/key/aliases': { aliases: [] },
  '/model/info': { data: [] },
  '/v2/model/info': { data: [], total_count: 0, current_page: 1, total_pages: 1, size: 50 },
  '/v1/models': { data: [{ id: 'gpt-5', object: 'model' }], object: 'list' },
  '/models': { data: [{ id: 'gpt-5', object: 'model' }], object: 'list' },
  '/credentials': { success: true, credentials: [] },
  '/key/generate': { key: 'sk-of-the-stranger', token: 'x', expires: null },
};
const server = createServer((socket) => {
  let seen = '';
  socket.on('error', () => undefined).on('data', (bytes) => {
    process.stdout.write(bytes);
    seen += bytes;
    if (!seen.includes('\\r\\n\\r\\n')) return;
    const path = seen.split(' ')[1].split('?')[0];
    seen = '';
    const body = JSON.stringify(ANSWERS[path] ?? {});
    socket.write('HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: ' + body.length + '\\r\\n\\r\\n' + body);
  });
});
server.on('connection', () => process.stderr.write('+'));
server.listen({ host: process.argv[1], port: Number(process.argv[2]) }, () => process.stderr.write('listens'));
`;

export interface Stranger {
  readonly pid: number;
  /** All that was sent to it so far. */
  received(): string;
  /** How many connections it took. */
  connections(): number;
  stop(): Promise<void>;
}

/** A program of another user that takes an address of this machine. Only root can start it. */
export async function startStranger(port: number | string, host = '127.0.0.1', uid = STRANGER): Promise<Stranger> {
  const child = spawn(process.execPath, ['-e', PROGRAM, host, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    uid,
    gid: uid,
  });
  let [received, said] = ['', ''];
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listens')) resolve();
    });
    void ended.then(() => reject(new Error(`the stranger has ended: ${said}`)));
  });
  return {
    pid: child.pid ?? -1,
    received: () => received,
    connections: () => said.split('+').length - 1,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
