-- Marks hold the logs of readings to the event log (store/reading_mark.h).

-- engine: both

CREATE TABLE reading_mark (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL DEFAULT 0,
    open_last INTEGER NOT NULL DEFAULT 0,
    open_count INTEGER NOT NULL DEFAULT 0,
    open_hash TEXT NOT NULL DEFAULT '',
    sealed_last INTEGER NOT NULL DEFAULT 0,
    sealed_count INTEGER NOT NULL DEFAULT 0,
    sealed_hash TEXT NOT NULL DEFAULT ''
) STRICT;

-- engine: sqlite
CREATE TRIGGER reading_mark_no_delete BEFORE DELETE ON reading_mark
BEGIN SELECT RAISE(ABORT, 'reading_mark_no_delete'); END;

-- engine: pg
CREATE TRIGGER reading_mark_no_delete BEFORE DELETE ON reading_mark FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER reading_mark_no_truncate BEFORE TRUNCATE ON reading_mark FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
