/**
 * Writes schemas.json anew: what the editor of a lab page knows of Kubernetes' kinds. Out of the schemas that pages are checked with,
 * which are the engine's record of a real API server; a test tells when they differ.
 *
 *     node src/files/record-schemas.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compactKinds } from './compact-kinds.ts'

writeFileSync(join(import.meta.dirname, 'schemas.json'), `${JSON.stringify(compactKinds())}\n`)
