/** Where the bundle begins: what V8 makes of the program is kept beside it, so that the next thread need not make it again. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, 'compiled'))
await import('./main.ts')
