-- Who opened a file of evidence, and pages of files as images. Neither is in the event log: a reading
-- changes nothing, and images can be drawn again from the file. Tried on both engines by
-- tests/test_evidence.c, which makes each guard refuse.

-- engine: both

CREATE TABLE access_log (
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
    CONSTRAINT access_log_what_check CHECK (what IN ('download', 'page'))
) STRICT;

CREATE INDEX access_log_by_subject ON access_log (subject, subject_id, id);

CREATE INDEX access_log_by_person ON access_log (person_id, id);

-- Page 0 says of a whole file how many pages were drawn, or why none could be.
CREATE TABLE page_image (
    sha256 TEXT NOT NULL,
    dpi INTEGER NOT NULL,
    page INTEGER NOT NULL,
    png_sha256 TEXT NOT NULL DEFAULT '',
    bytes INTEGER NOT NULL DEFAULT 0,
    pages INTEGER NOT NULL DEFAULT 0,
    more INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    at_us INTEGER NOT NULL,
    PRIMARY KEY (sha256, dpi, page),
    CONSTRAINT page_image_page_check CHECK (page >= 0 AND (page = 0 OR png_sha256 <> ''))
) STRICT;

CREATE INDEX page_image_by_png ON page_image (png_sha256) WHERE page > 0;

-- engine: sqlite
CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'access_log_no_update'); END;

CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log
BEGIN SELECT RAISE(ABORT, 'access_log_no_delete'); END;

-- engine: pg
CREATE SEQUENCE access_log_id;

CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON access_log FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
