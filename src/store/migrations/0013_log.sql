-- Proofs of the log and who read a case. Everything here is derived from events and from the folder's
-- checkpoints.log, apart from the reads. Tried on both engines by tests/test_log.c.

-- engine: both

-- Roots of the full subtrees of 2^height leaves, height 8, 16, 24: number n begins at leaf n * 2^height.
CREATE TABLE log_node (
    height INTEGER NOT NULL,
    n INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    sm3 BLOB NOT NULL,
    PRIMARY KEY (height, n),
    CONSTRAINT log_node_sane_check CHECK (height IN (8, 16, 24) AND n >= 0 AND length(sha256) = 32 AND length(sm3) = 32)
) STRICT, WITHOUT ROWID;

-- Which events speak of a row, for dossiers: of the tables a case is made of (store/log_index.h).
CREATE TABLE log_row (
    tab TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (tab, row_id, seq)
) STRICT, WITHOUT ROWID;

-- How far log_row goes: one row.
CREATE TABLE log_done (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    CONSTRAINT log_done_one_check CHECK (id = 1 AND seq >= 0)
) STRICT;

INSERT INTO log_done(id, seq) VALUES (1, 0);

-- The lines of checkpoints.log, to be looked up and shown; the file outside the database is the witness.
CREATE TABLE log_point (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    sm3 TEXT NOT NULL,
    line TEXT NOT NULL,
    CONSTRAINT log_point_sane_check CHECK (id > 0 AND length(sha256) = 64 AND length(sm3) = 64)
) STRICT;

-- engine: sqlite
-- A check cannot be changed here: the table is made again, with what it has.
CREATE TABLE access_log_wide (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    programme_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    for_user_id INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    what TEXT NOT NULL,
    page INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT access_log_person_check CHECK (person_id <> 0),
    CONSTRAINT access_log_what_check CHECK (what IN ('download', 'page', 'view', 'dossier'))
) STRICT;

INSERT INTO access_log_wide SELECT id, at_us, programme_id, user_id, person_id, for_user_id, role, subject,
    subject_id, what, page FROM access_log;

DROP TABLE access_log;

ALTER TABLE access_log_wide RENAME TO access_log;

CREATE INDEX access_log_by_subject ON access_log (subject, subject_id, id);

CREATE INDEX access_log_by_person ON access_log (person_id, id);

CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'access_log_no_update'); END;

CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log
BEGIN SELECT RAISE(ABORT, 'access_log_no_delete'); END;

CREATE TRIGGER log_point_no_update BEFORE UPDATE ON log_point
BEGIN SELECT RAISE(ABORT, 'log_point_no_update'); END;

CREATE TRIGGER log_point_no_delete BEFORE DELETE ON log_point
BEGIN SELECT RAISE(ABORT, 'log_point_no_delete'); END;

-- engine: pg
ALTER TABLE access_log DROP CONSTRAINT access_log_what_check;

ALTER TABLE access_log ADD CONSTRAINT access_log_what_check CHECK (what IN ('download', 'page', 'view', 'dossier'));

CREATE TRIGGER log_point_no_update BEFORE UPDATE ON log_point FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER log_point_no_delete BEFORE DELETE ON log_point FOR EACH ROW EXECUTE FUNCTION tq_refuse();
