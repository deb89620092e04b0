import type { Files } from '../bases/bases.ts'
import { FAILURE, WELCOME } from './pages.ts'

const TYPES: Readonly<Record<string, string>> = {
  'text/html': 'html htm shtml',
  'text/css': 'css',
  'text/xml': 'xml',
  'image/gif': 'gif',
  'image/jpeg': 'jpeg jpg',
  'application/javascript': 'js',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'image/png': 'png',
  'image/svg+xml': 'svg svgz',
  'image/webp': 'webp',
  'image/x-icon': 'ico',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/wasm': 'wasm',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
}

const CONFIGURATION = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /var/run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;

    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`

const DEFAULT_SERVER = `server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`

export const nginxFiles: Files = {
  '/etc/nginx/nginx.conf': { text: CONFIGURATION },
  '/etc/nginx/mime.types': {
    text: `\ntypes {\n${Object.entries(TYPES)
      .map(([type, endings]) => `    ${type.padEnd(40)} ${endings};\n`)
      .join('')}}\n`,
  },
  '/etc/nginx/conf.d/default.conf': { text: DEFAULT_SERVER },
  '/usr/share/nginx/html/index.html': { text: WELCOME },
  '/usr/share/nginx/html/50x.html': { text: FAILURE },
  '/var/log/nginx/access.log': { link: '/dev/stdout' },
  '/var/log/nginx/error.log': { link: '/dev/stderr' },
  '/var/run': { directory: true },
  '/var/cache/nginx': { directory: true },
  '/docker-entrypoint.d/20-envsubst-on-templates.sh': { text: '#!/bin/sh\n', mode: 0o755 },
}
