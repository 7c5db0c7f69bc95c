-- What a case brings besides money: hearing, appeal, instalments, who asked of a ban, the register handed in.

-- engine: both

CREATE TABLE ban_query (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    person_id INTEGER NOT NULL DEFAULT 0,
    asker TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0,
    purpose TEXT NOT NULL DEFAULT '',
    paper_no TEXT NOT NULL DEFAULT '',
    count INTEGER NOT NULL DEFAULT 0,
    banned INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE ban_query_line (
    id INTEGER PRIMARY KEY,
    query_id INTEGER NOT NULL DEFAULT 0,
    credit_code TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    scope TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX ban_query_number_key ON ban_query (number) WHERE number <> '';

CREATE INDEX ban_query_by_person ON ban_query (person_id);

-- A code is answered once in a question.
CREATE UNIQUE INDEX ban_query_line_once ON ban_query_line (query_id, credit_code);

-- engine: sqlite
CREATE TRIGGER ban_query_no_delete BEFORE DELETE ON ban_query
BEGIN SELECT RAISE(ABORT, 'ban_query_no_delete'); END;

CREATE TRIGGER ban_query_line_no_delete BEFORE DELETE ON ban_query_line
BEGIN SELECT RAISE(ABORT, 'ban_query_line_no_delete'); END;

-- engine: pg
CREATE TRIGGER ban_query_no_delete BEFORE DELETE ON ban_query FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER ban_query_no_truncate BEFORE TRUNCATE ON ban_query FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER ban_query_line_no_delete BEFORE DELETE ON ban_query_line FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER ban_query_line_no_truncate BEFORE TRUNCATE ON ban_query_line FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
