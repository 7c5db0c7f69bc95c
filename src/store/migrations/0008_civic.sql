-- Whom the public asks, outages that were taken back, and calls for applications.

-- engine: both

ALTER TABLE programme ADD COLUMN office TEXT NOT NULL DEFAULT '';

ALTER TABLE programme ADD COLUMN phone TEXT NOT NULL DEFAULT '';

ALTER TABLE programme ADD COLUMN address TEXT NOT NULL DEFAULT '';

ALTER TABLE outage ADD COLUMN withdrawn_id INTEGER NOT NULL DEFAULT 0;

-- closed_day: 0 until somebody ends the call before its last day.
CREATE TABLE open_call (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    closed_day INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT open_call_days_check CHECK (from_day <= to_day)
) STRICT;

CREATE INDEX open_call_by_programme ON open_call (programme_id);

-- engine: sqlite
CREATE TRIGGER open_call_no_delete BEFORE DELETE ON open_call
BEGIN SELECT RAISE(ABORT, 'open_call_no_delete'); END;

-- engine: pg
CREATE TRIGGER open_call_no_delete BEFORE DELETE ON open_call FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER open_call_no_truncate BEFORE TRUNCATE ON open_call FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
