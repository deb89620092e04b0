/** What of workshops outlasts the process. No code, and no token of a personal link, is in it: only what they can be recognized by. */
export const WORKSHOP_TABLES = `
  CREATE TABLE workshops (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, title TEXT NOT NULL, labs TEXT NOT NULL, starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL, seats INTEGER NOT NULL, codes TEXT NOT NULL, provider TEXT NOT NULL,
    warm_up_minutes INTEGER NOT NULL, prefix TEXT NOT NULL UNIQUE, seed TEXT NOT NULL, created_at INTEGER NOT NULL,
    pace TEXT
  ) STRICT;
  CREATE INDEX workshops_of_host ON workshops (host);
  CREATE TABLE seats (
    id TEXT PRIMARY KEY, workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
    reader TEXT NOT NULL UNIQUE, name TEXT NOT NULL, joined_at INTEGER NOT NULL, hand_at INTEGER
  ) STRICT;
  CREATE INDEX seats_of_workshop ON seats (workshop);
  CREATE TABLE codes (
    hash TEXT PRIMARY KEY, workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, used INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX codes_of_workshop ON codes (workshop);
  CREATE TABLE milestones (
    seat TEXT NOT NULL REFERENCES seats (id) ON DELETE CASCADE, lab TEXT NOT NULL, step TEXT NOT NULL, how TEXT,
    opened_at INTEGER NOT NULL, done_at INTEGER, PRIMARY KEY (seat, lab, step)
  ) STRICT;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY, workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE, at INTEGER NOT NULL,
    host TEXT NOT NULL, action TEXT NOT NULL, seat TEXT, detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_of_workshop ON audit (workshop);
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE, text TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX messages_of_workshop ON messages (workshop);
`
