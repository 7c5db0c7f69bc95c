-- Institutions off the list.

-- engine: both

CREATE TABLE delisting (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    lifted_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0,
    lift_decision_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

-- Once at a time; and what every order asks.
CREATE UNIQUE INDEX delisting_active_key ON delisting (org_id, programme_id) WHERE state = 'active';

-- engine: sqlite
CREATE TRIGGER delisting_no_delete BEFORE DELETE ON delisting
BEGIN SELECT RAISE(ABORT, 'delisting_no_delete'); END;

-- engine: pg
CREATE TRIGGER delisting_no_delete BEFORE DELETE ON delisting FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER delisting_no_truncate BEFORE TRUNCATE ON delisting FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
