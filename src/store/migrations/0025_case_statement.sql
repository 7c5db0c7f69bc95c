-- What organisations say to their cases.

-- engine: both

CREATE TABLE case_statement (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX case_statement_by_case ON case_statement (case_id);

-- engine: sqlite
CREATE TRIGGER case_statement_no_delete BEFORE DELETE ON case_statement
BEGIN SELECT RAISE(ABORT, 'case_statement_no_delete'); END;

-- engine: pg
CREATE TRIGGER case_statement_no_delete BEFORE DELETE ON case_statement FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER case_statement_no_truncate BEFORE TRUNCATE ON case_statement FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
