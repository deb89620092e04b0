/** Where the bundle begins: what V8 makes of the program is kept beside it, so that the next thread need not make it again. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'

enableCompileCache(join(import.meta.dirname, 'compiled'))
if (workerData?.makes === 'template') await (await import('./template-thread.ts')).sendTemplate()
else await import('./main.ts')
