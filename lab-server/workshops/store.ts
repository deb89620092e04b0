/** Workshops over restarts: each change is written before anybody is told of it. */
import type { DatabaseSync } from 'node:sqlite'
import type { AuditLine, Message, Pace } from '../../protocol/workshop.ts'
import type { Milestone } from './milestones.ts'
import type { Seat, Workshop } from './workshop.ts'

/** A code, as far as it is stored. */
export interface CodeRecord {
  hash: string
  workshop: string
  number: number
  used: boolean
}

export interface WorkshopStore {
  workshops(): Workshop[]
  ofHost(host: string): Workshop[]
  workshop(id: string): Workshop | undefined
  /** Whether some workshop's codes begin with it. */
  hasPrefix(prefix: string): boolean
  putWorkshop(workshop: Workshop): void
  /** With its seats, codes, milestones and audit. */
  removeWorkshop(id: string): void
  /** In the order in which they were taken. */
  seats(workshop: string): Seat[]
  taken(workshop: string): number
  seat(id: string): Seat | undefined
  seatOfReader(reader: string): Seat | undefined
  putSeat(seat: Seat): void
  removeSeat(id: string): void
  codes(workshop: string): CodeRecord[]
  code(hash: string): CodeRecord | undefined
  addCode(code: CodeRecord): void
  removeCode(hash: string): void
  /** False if somebody was faster. */
  useCode(hash: string): boolean
  milestones(workshop: string): Milestone[]
  milestonesOf(seat: string): Milestone[]
  putMilestone(milestone: Milestone): void
  /** Newest last. */
  audit(workshop: string): AuditLine[]
  addAudit(workshop: string, line: AuditLine): void
  /** The newest ones, newest last. */
  messages(workshop: string, most: number): Message[]
  addMessage(workshop: string, message: Omit<Message, 'id'>): Message
  /** All of it, or, if it throws, nothing. */
  together<T>(change: () => T): T
}

const WORKSHOP = `id, host, title, labs, starts_at AS startsAt, ends_at AS endsAt, seats, codes, provider,
  warm_up_minutes AS warmUpMinutes, prefix, seed, created_at AS createdAt, pace`
const SEAT = 'id, workshop, reader, name, joined_at AS joinedAt, hand_at AS handAt'
const CODE = 'hash, workshop, number, used'
const MILESTONE = 'seat, lab, step, how, opened_at AS openedAt, done_at AS doneAt'

export function createWorkshopStore(database: DatabaseSync): WorkshopStore {
  const sql = {
    workshops: database.prepare(`SELECT ${WORKSHOP} FROM workshops ORDER BY starts_at`),
    ofHost: database.prepare(`SELECT ${WORKSHOP} FROM workshops WHERE host = ? ORDER BY starts_at`),
    workshop: database.prepare(`SELECT ${WORKSHOP} FROM workshops WHERE id = ?`),
    prefix: database.prepare('SELECT 1 FROM workshops WHERE prefix = ?'),
    putWorkshop: database.prepare(`
      INSERT INTO workshops VALUES (:id, :host, :title, :labs, :startsAt, :endsAt, :seats, :codes, :provider, :warmUpMinutes,
        :prefix, :seed, :createdAt, :pace)
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, labs = excluded.labs, starts_at = excluded.starts_at,
        ends_at = excluded.ends_at, seats = excluded.seats, codes = excluded.codes, provider = excluded.provider,
        warm_up_minutes = excluded.warm_up_minutes, pace = excluded.pace`),
    removeWorkshop: database.prepare('DELETE FROM workshops WHERE id = ?'),
    seats: database.prepare(`SELECT ${SEAT} FROM seats WHERE workshop = ? ORDER BY joined_at, rowid`),
    taken: database.prepare('SELECT count(*) AS taken FROM seats WHERE workshop = ?'),
    seat: database.prepare(`SELECT ${SEAT} FROM seats WHERE id = ?`),
    seatOfReader: database.prepare(`SELECT ${SEAT} FROM seats WHERE reader = ?`),
    putSeat: database.prepare(`
      INSERT INTO seats VALUES (:id, :workshop, :reader, :name, :joinedAt, :handAt)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, hand_at = excluded.hand_at`),
    removeSeat: database.prepare('DELETE FROM seats WHERE id = ?'),
    codes: database.prepare(`SELECT ${CODE} FROM codes WHERE workshop = ? ORDER BY number`),
    code: database.prepare(`SELECT ${CODE} FROM codes WHERE hash = ?`),
    addCode: database.prepare('INSERT INTO codes VALUES (:hash, :workshop, :number, :used)'),
    removeCode: database.prepare('DELETE FROM codes WHERE hash = ?'),
    useCode: database.prepare('UPDATE codes SET used = 1 WHERE hash = ? AND used = 0'),
    milestones: database.prepare(`
      SELECT ${MILESTONE} FROM milestones WHERE seat IN (SELECT id FROM seats WHERE workshop = ?) ORDER BY opened_at, rowid`),
    milestonesOf: database.prepare(`SELECT ${MILESTONE} FROM milestones WHERE seat = ? ORDER BY opened_at, rowid`),
    putMilestone: database.prepare(`
      INSERT INTO milestones VALUES (:seat, :lab, :step, :how, :openedAt, :doneAt)
      ON CONFLICT (seat, lab, step) DO UPDATE SET how = excluded.how, done_at = excluded.done_at`),
    audit: database.prepare('SELECT at, host, action, seat, detail FROM audit WHERE workshop = ? ORDER BY id'),
    addAudit: database.prepare(`
      INSERT INTO audit (workshop, at, host, action, seat, detail) VALUES (:workshop, :at, :host, :action, :seat, :detail)`),
    messages: database.prepare(`
      SELECT id, text, at FROM (SELECT * FROM messages WHERE workshop = ? ORDER BY id DESC LIMIT ?) ORDER BY id`),
    addMessage: database.prepare('INSERT INTO messages (workshop, text, at) VALUES (:workshop, :text, :at)'),
  }
  return {
    workshops: () => sql.workshops.all().map(readWorkshop),
    ofHost: (host) => sql.ofHost.all(host).map(readWorkshop),
    workshop(id) {
      const row = sql.workshop.get(id)
      return row && readWorkshop(row)
    },
    hasPrefix: (prefix) => sql.prefix.get(prefix) !== undefined,
    putWorkshop: (workshop) => void sql.putWorkshop.run(writeWorkshop(workshop)),
    removeWorkshop: (id) => void sql.removeWorkshop.run(id),
    seats: (workshop) => sql.seats.all(workshop) as unknown as Seat[],
    taken: (workshop) => (sql.taken.get(workshop) as { taken: number }).taken,
    seat: (id) => sql.seat.get(id) as Seat | undefined,
    seatOfReader: (reader) => sql.seatOfReader.get(reader) as Seat | undefined,
    putSeat: (seat) => void sql.putSeat.run({ ...seat }),
    removeSeat: (id) => void sql.removeSeat.run(id),
    codes: (workshop) => sql.codes.all(workshop).map(readCode),
    code(hash) {
      const row = sql.code.get(hash)
      return row && readCode(row)
    },
    addCode: (code) => void sql.addCode.run({ ...code, used: code.used ? 1 : 0 }),
    removeCode: (hash) => void sql.removeCode.run(hash),
    useCode: (hash) => sql.useCode.run(hash).changes === 1,
    milestones: (workshop) => sql.milestones.all(workshop) as unknown as Milestone[],
    milestonesOf: (seat) => sql.milestonesOf.all(seat) as unknown as Milestone[],
    putMilestone: (milestone) => void sql.putMilestone.run({ ...milestone }),
    audit: (workshop) => sql.audit.all(workshop) as unknown as AuditLine[],
    addAudit: (workshop, line) => void sql.addAudit.run({ ...line, workshop }),
    messages: (workshop, most) => sql.messages.all(workshop, most) as unknown as Message[],
    addMessage: (workshop, message) => ({
      id: Number(sql.addMessage.run({ ...message, workshop }).lastInsertRowid),
      ...message,
    }),
    together(change) {
      database.exec('BEGIN')
      try {
        const result = change()
        database.exec('COMMIT')
        return result
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}

function readWorkshop(row: Record<string, unknown>): Workshop {
  const pace = row.pace === null ? null : (JSON.parse(row.pace as string) as Pace)
  return { ...(row as unknown as Workshop), labs: JSON.parse(row.labs as string) as string[], pace }
}

const writeWorkshop = (workshop: Workshop) => ({
  ...workshop,
  labs: JSON.stringify(workshop.labs),
  pace: workshop.pace === null ? null : JSON.stringify(workshop.pace),
})

function readCode(row: Record<string, unknown>): CodeRecord {
  return { ...(row as unknown as CodeRecord), used: row.used === 1 }
}
