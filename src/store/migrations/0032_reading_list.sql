-- Lists and tables of cases that the staff read are recorded too, not only single cases.

-- engine: sqlite
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
    CONSTRAINT access_log_what_check CHECK (what IN ('download', 'page', 'view', 'dossier', 'list', 'csv'))
) STRICT;

INSERT INTO access_log_wide SELECT id, at_us, programme_id, user_id, person_id, for_user_id, role, subject, subject_id,
    what, page
    FROM access_log;

DROP TABLE access_log;

ALTER TABLE access_log_wide RENAME TO access_log;

CREATE INDEX access_log_by_subject ON access_log (subject, subject_id, id);

CREATE INDEX access_log_by_person ON access_log (person_id, id);

CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'access_log_no_update'); END;

CREATE TRIGGER access_log_no_delete BEFORE DELETE ON access_log
BEGIN SELECT RAISE(ABORT, 'access_log_no_delete'); END;

CREATE TABLE sealed_log_wide (
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
    CONSTRAINT sealed_log_what_check CHECK (what IN ('download', 'page', 'view', 'dossier', 'list', 'csv'))
) STRICT;

INSERT INTO sealed_log_wide SELECT id, inquiry_id, at_us, programme_id, user_id, person_id, for_user_id, role, subject, subject_id,
    what, page
    FROM sealed_log;

DROP TABLE sealed_log;

ALTER TABLE sealed_log_wide RENAME TO sealed_log;

CREATE INDEX sealed_log_by_inquiry ON sealed_log (inquiry_id, id);

CREATE TRIGGER sealed_log_no_update BEFORE UPDATE ON sealed_log
BEGIN SELECT RAISE(ABORT, 'sealed_log_no_update'); END;

CREATE TRIGGER sealed_log_no_delete BEFORE DELETE ON sealed_log
BEGIN SELECT RAISE(ABORT, 'sealed_log_no_delete'); END;

-- engine: pg
ALTER TABLE access_log DROP CONSTRAINT access_log_what_check;

ALTER TABLE access_log ADD CONSTRAINT access_log_what_check
    CHECK (what IN ('download', 'page', 'view', 'dossier', 'list', 'csv'));

ALTER TABLE sealed_log DROP CONSTRAINT sealed_log_what_check;

ALTER TABLE sealed_log ADD CONSTRAINT sealed_log_what_check
    CHECK (what IN ('download', 'page', 'view', 'dossier', 'list', 'csv'));
