-- Inquiries of the supervisors, and what they read under them: apart from the access log, which the bureau
-- and the firms are shown. Not in the event log: a reading changes nothing.

-- engine: both

CREATE TABLE inquiry (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    until_day INTEGER NOT NULL DEFAULT 0,
    hold INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE inquiry_private (
    id INTEGER PRIMARY KEY,
    case_no TEXT NOT NULL DEFAULT '',
    scope TEXT NOT NULL DEFAULT '',
    subject_id INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE sealed_log (
    id INTEGER PRIMARY KEY,
    inquiry_id INTEGER NOT NULL,
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
    CONSTRAINT sealed_log_person_check CHECK (person_id <> 0 AND inquiry_id <> 0),
    CONSTRAINT sealed_log_what_check CHECK (what IN ('download', 'page', 'view', 'dossier'))
) STRICT;

CREATE INDEX inquiry_by_programme ON inquiry (programme_id, state);

CREATE INDEX sealed_log_by_inquiry ON sealed_log (inquiry_id, id);

-- engine: sqlite
CREATE TRIGGER inquiry_no_delete BEFORE DELETE ON inquiry
BEGIN SELECT RAISE(ABORT, 'inquiry_no_delete'); END;

CREATE TRIGGER inquiry_private_no_delete BEFORE DELETE ON inquiry_private
BEGIN SELECT RAISE(ABORT, 'inquiry_private_no_delete'); END;

CREATE TRIGGER sealed_log_no_update BEFORE UPDATE ON sealed_log
BEGIN SELECT RAISE(ABORT, 'sealed_log_no_update'); END;

CREATE TRIGGER sealed_log_no_delete BEFORE DELETE ON sealed_log
BEGIN SELECT RAISE(ABORT, 'sealed_log_no_delete'); END;

-- engine: pg
CREATE SEQUENCE sealed_log_id;

CREATE TRIGGER inquiry_no_delete BEFORE DELETE ON inquiry FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inquiry_no_truncate BEFORE TRUNCATE ON inquiry FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inquiry_private_no_delete BEFORE DELETE ON inquiry_private FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inquiry_private_no_truncate BEFORE TRUNCATE ON inquiry_private FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER sealed_log_no_update BEFORE UPDATE ON sealed_log FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER sealed_log_no_delete BEFORE DELETE ON sealed_log FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER sealed_log_no_truncate BEFORE TRUNCATE ON sealed_log FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
