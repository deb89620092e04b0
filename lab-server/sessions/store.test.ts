import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { randomIds } from '../ids.ts'
import { createWorkshopStore } from '../workshops/store.ts'
import { openStore } from './store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** As version 3 wrote it. */
function writeVersion3(): void {
  mkdirSync(join(folder, 'instance-1'))
  const database = new DatabaseSync(join(folder, 'instance-1', 'quayside.db'))
  database.exec(`
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE clusters (
      id TEXT PRIMARY KEY, workers INTEGER NOT NULL, session TEXT, whole INTEGER NOT NULL, created_at INTEGER NOT NULL,
      provider TEXT NOT NULL DEFAULT 'kind', ingress INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE sessions (
      id TEXT PRIMARY KEY, reader TEXT NOT NULL, address TEXT NOT NULL, lab TEXT NOT NULL, cluster TEXT,
      state TEXT NOT NULL, reason TEXT, message TEXT, created_at INTEGER NOT NULL, ready_at INTEGER, ended_at INTEGER,
      expires_at INTEGER NOT NULL, last_input_at INTEGER NOT NULL, extensions_left INTEGER NOT NULL,
      progress TEXT NOT NULL, provider TEXT NOT NULL DEFAULT 'kind'
    ) STRICT;
    INSERT INTO meta VALUES ('instance', 'as-before');
    INSERT INTO sessions VALUES ('s', 'r', '::1', 'scaling', NULL, 'waiting', NULL, NULL, 1, NULL, NULL, 2, 1, 2, '{}', 'kind');
    PRAGMA user_version = 3;
  `)
  database.close()
}

it('takes over what an earlier version wrote, and has room for workshops then', () => {
  writeVersion3()
  const store = openStore(folder, randomIds)
  expect(store.instance).toBe('as-before')
  expect(store.sessions()).toMatchObject([{ id: 's', provider: 'kind', room: null }])
  expect(createWorkshopStore(store.database).workshops()).toEqual([])
  store.close()
  const again = openStore(folder, randomIds)
  expect(again.session('s')?.room).toBeNull()
  again.close()
})

it('leaves alone what a later version wrote', () => {
  const store = openStore(folder, randomIds)
  store.database.exec('PRAGMA user_version = 99')
  store.close()
  expect(() => openStore(folder, randomIds)).toThrow('was written by a newer Quayside (version 99 of its tables')
})
