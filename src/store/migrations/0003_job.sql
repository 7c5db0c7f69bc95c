-- A job knows who asked for it and in which role, so that it acts as that person and is shown to them;
-- what came of it or why it failed; how often it was taken, which tells a node that has lost its lease
-- from one that holds it; and it can be cancelled. SQLite cannot widen a CHECK, so the table is made anew
-- and the rows are copied. Tried on both engines by tests/test_store_faults.c, which brings an older
-- schema up.

-- engine: both

CREATE TABLE job_next (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    args TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    lease_until_us INTEGER NOT NULL DEFAULT 0,
    node TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    checkpoint TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    result TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    programme_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    user_id INTEGER NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0,
    for_user_id INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL DEFAULT 'system',
    created_us INTEGER NOT NULL DEFAULT 0,
    started_us INTEGER NOT NULL DEFAULT 0,
    ended_us INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT job_state_check CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT job_cause_check CHECK (state <> 'failed' OR error <> '')
) STRICT;

INSERT INTO job_next(id, kind, args, state, lease_until_us, node, checkpoint, done, total, error)
SELECT id, kind, args, state, lease_until_us, node, checkpoint, done, total,
       CASE WHEN state = 'failed' AND error = '' THEN 'unknown' ELSE error END FROM job;

DROP TABLE job;

ALTER TABLE job_next RENAME TO job;

CREATE INDEX job_by_open ON job (id) WHERE state = 'waiting' OR state = 'running';

CREATE INDEX job_by_user ON job (user_id, id);
