/** `npm run bench`: measures and prints, and never fails for being slow. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { benchApi } from './api.ts'
import { benchClient } from './client.ts'
import { benchEmbedded } from './embedded.ts'
import { benchKind } from './kind.ts'
import { benchTerminals } from './terminals.ts'

const root = join(import.meta.dirname, '..', '..')
spawnSync('node', ['test/page-weights.ts'], { cwd: root, stdio: 'inherit' })
console.log()
benchClient()
await benchTerminals()
await benchApi()
await benchEmbedded()
await benchKind()
