-- Tips to the supervisors: where each stands, what was said, and apart from both who said it.

-- engine: both

CREATE TABLE tip (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    channel TEXT NOT NULL DEFAULT '',
    named INTEGER NOT NULL DEFAULT 0,
    received_day INTEGER NOT NULL DEFAULT 0,
    secret_sha256 TEXT NOT NULL DEFAULT '',
    case_id INTEGER NOT NULL DEFAULT 0,
    closed_day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE tip_private (
    id INTEGER PRIMARY KEY,
    about TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT '',
    finding TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE tip_source (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    contact TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX tip_by_programme ON tip (programme_id);

-- engine: sqlite
CREATE TRIGGER tip_no_delete BEFORE DELETE ON tip
BEGIN SELECT RAISE(ABORT, 'tip_no_delete'); END;

CREATE TRIGGER tip_private_no_delete BEFORE DELETE ON tip_private
BEGIN SELECT RAISE(ABORT, 'tip_private_no_delete'); END;

CREATE TRIGGER tip_source_no_delete BEFORE DELETE ON tip_source
BEGIN SELECT RAISE(ABORT, 'tip_source_no_delete'); END;

-- engine: pg
CREATE TRIGGER tip_no_delete BEFORE DELETE ON tip FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER tip_no_truncate BEFORE TRUNCATE ON tip FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER tip_private_no_delete BEFORE DELETE ON tip_private FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER tip_private_no_truncate BEFORE TRUNCATE ON tip_private FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER tip_source_no_delete BEFORE DELETE ON tip_source FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER tip_source_no_truncate BEFORE TRUNCATE ON tip_source FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
