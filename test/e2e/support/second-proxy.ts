import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker, removeProject } from './docker.ts';

export interface SecondProxy {
  readonly url: string;
  close(): void;
}

/** An Nginx in front of all servers, as in a company. It buffers answers, which is its default. */
export function startSecondProxy(image: string, project: string, port: number): SecondProxy {
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
