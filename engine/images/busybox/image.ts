import type { Image } from '../../containers/contract.ts'
import { tools } from './tools.ts'

/** `busybox` of Docker's library. */
export const busyboxImage: Image = {
  repository: 'busybox',
  tags: [
    'latest',
    '1',
    '1.36',
    '1.36.1',
    '1.35',
    '1.34',
    '1.28',
    '1.37',
    'stable',
    'musl',
    'glibc',
    'uclibc',
    '1.36.1-musl',
    '1.36-musl',
    '1.36.1-glibc',
    '1.36-glibc',
  ],
  size: 2_160_406,
  command: ['sh'],
  env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  files: {
    ...tools.files,
    '/etc/passwd': {
      text: 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nsync:x:4:100:sync:/bin:/bin/sync\nmail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\noperator:x:37:37:Operator:/var:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
    },
    '/etc/group': {
      text: 'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\nlp:x:7:\nmail:x:8:\nkmem:x:9:\nwheel:x:10:root\ncdrom:x:11:\ndialout:x:18:\nfloppy:x:19:\nvideo:x:28:\naudio:x:29:\ntape:x:32:\nwww-data:x:33:\noperator:x:37:\nutmp:x:43:\nplugdev:x:46:\nstaff:x:50:\nlock:x:54:\nnetdev:x:82:\nusers:x:100:\nnobody:x:65534:\n',
    },
    '/home': { directory: true },
    '/usr/sbin': { directory: true },
    '/var/spool/mail': { directory: true },
    '/var/www': { directory: true },
  },
  memory: 500 * 1024,
}
