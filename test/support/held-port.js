// node held-port.js PORT PROGRAM [ARGS]: runs a program while something answers on a port, and ends as it does.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const [port, file = '', ...args] = process.argv.slice(2);
const server = createServer((_, response) => response.end('{"status":"healthy","db":"connected"}'));
server.listen(Number(port), '0.0.0.0', () => {
  const child = spawn(file, args, { stdio: 'inherit' });
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
    server.closeAllConnections();
    server.close();
  });
});
