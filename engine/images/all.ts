import { addonImages } from '../addons/images/images.ts'
import type { ImageRegistry } from '../containers/contract.ts'
import { basesOver } from './bases/bases.ts'
import { busyboxImage } from './busybox/image.ts'
import { tools } from './busybox/tools.ts'
import { curlImages } from './curl/image.ts'
import { httpdImages } from './httpd/httpd.ts'
import { nginxImages } from './nginx/image.ts'
import { plainImages } from './plain.ts'
import { podinfoImages } from './podinfo/image.ts'
import { postgresImages } from './postgres/image.ts'
import { redisImages } from './redis/image.ts'
import { imageRegistry } from './registry.ts'

const bases = basesOver(tools)

/** Every image that the engine has; what is not here cannot be pulled. */
export const images: ImageRegistry = imageRegistry([
  busyboxImage,
  ...curlImages(bases),
  ...httpdImages(bases),
  ...nginxImages(bases),
  ...plainImages(bases),
  ...podinfoImages(bases),
  ...postgresImages(bases),
  ...redisImages(bases),
  ...addonImages,
])
