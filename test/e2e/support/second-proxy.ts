import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort } from '../../../scripts/free-port.js';
import { docker, removeProject } from './docker.ts';
import { expectTokensAsTheyCome, type streamedChat } from './tls-client.ts';
import type { TokenStream } from './token-stream.ts';

interface SecondProxy {
  readonly url: string;
  close(): void;
}

interface Streamed {
  readonly chat: ReturnType<typeof streamedChat>;
  readonly stream: TokenStream;
}

/** Asks a project's gateway through a second reverse proxy, an Nginx of that image. */
export async function expectTokensBehindNginx(
  image: string,
  project: string,
  { chat, stream }: Streamed,
): Promise<void> {
  const second = startSecondProxy(image, project, await freePort());
  try {
    await expect.poll(() => fetch(second.url).then(() => 'up', String)).toBe('up');
    const { body } = await fetch(`${second.url}/v1/chat/completions`, chat);
    await expectTokensAsTheyCome(body ?? new ReadableStream(), stream);
  } finally {
    second.close();
  }
}

/** An Nginx in front of all servers, as in a company. It buffers answers, which is its default. */
function startSecondProxy(image: string, project: string, port: number): SecondProxy {
  const name = `${project}-second`;
  const folder = mkdtempSync(join(tmpdir(), 'second-proxy-e2e-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, CONFIGURATION);
  removeProject(name);
  docker(
    ...[
      'run',
      '-d',
      '--name',
      name,
      '--label',
      `com.docker.compose.project=${name}`,
      '--network',
      `${project}_default`,
    ],
    ...['-p', `127.0.0.1:${port}:8080`, '-v', `${file}:/nginx.conf:ro`, '--tmpfs', '/tmp', '--entrypoint', 'nginx'],
    ...[image, '-c', '/nginx.conf'],
  );
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      removeProject(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const CONFIGURATION = `pid /tmp/nginx.pid;
daemon off;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/client;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen 8080;
    location / {
      proxy_pass https://litellm-tls:8443;
      proxy_ssl_verify off;
      proxy_http_version 1.1;
    }
  }
}
`;
