-- Inspections and their findings, whom the next draw takes in any case, and credit.

-- engine: both

CREATE TABLE inspection (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    org_id INTEGER NOT NULL DEFAULT 0,
    pick_id INTEGER NOT NULL DEFAULT 0,
    how TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    first_id INTEGER NOT NULL DEFAULT 0,
    second_id INTEGER NOT NULL DEFAULT 0,
    first_signed_day INTEGER NOT NULL DEFAULT 0,
    second_signed_day INTEGER NOT NULL DEFAULT 0,
    due_day INTEGER NOT NULL DEFAULT 0,
    visited_day INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0,
    summary TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '',
    reply_by_day INTEGER NOT NULL DEFAULT 0,
    result TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT inspection_two_check CHECK (first_id <> second_id OR first_id = 0)
) STRICT;

CREATE INDEX inspection_by_programme ON inspection (programme_id);

CREATE INDEX inspection_by_org ON inspection (org_id);

CREATE INDEX inspection_by_first ON inspection (first_id);

CREATE INDEX inspection_by_second ON inspection (second_id);

CREATE UNIQUE INDEX inspection_one_a_pick ON inspection (pick_id) WHERE pick_id <> 0;

CREATE TABLE inspection_line (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    inspection_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    item TEXT NOT NULL DEFAULT '',
    label_zh TEXT NOT NULL DEFAULT '',
    label_en TEXT NOT NULL DEFAULT '',
    finding TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX inspection_line_n ON inspection_line (inspection_id, n);

CREATE TABLE inspection_conflict (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX inspection_conflict_once ON inspection_conflict (person_id, org_id);

CREATE INDEX inspection_conflict_by_programme ON inspection_conflict (programme_id);

CREATE TABLE must_visit (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    inspection_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT must_visit_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX must_visit_by_programme ON must_visit (programme_id);

CREATE INDEX must_visit_by_org ON must_visit (org_id);

CREATE TABLE credit_entry (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    points INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0,
    expires_day INTEGER NOT NULL DEFAULT 0,
    inspection_id INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT credit_entry_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE INDEX credit_entry_by_programme ON credit_entry (programme_id);

CREATE INDEX credit_entry_by_org ON credit_entry (org_id);

-- engine: sqlite
CREATE TRIGGER inspection_no_delete BEFORE DELETE ON inspection
BEGIN SELECT RAISE(ABORT, 'inspection_no_delete'); END;

CREATE TRIGGER inspection_line_no_delete BEFORE DELETE ON inspection_line
BEGIN SELECT RAISE(ABORT, 'inspection_line_no_delete'); END;

CREATE TRIGGER inspection_conflict_no_delete BEFORE DELETE ON inspection_conflict
BEGIN SELECT RAISE(ABORT, 'inspection_conflict_no_delete'); END;

CREATE TRIGGER must_visit_no_delete BEFORE DELETE ON must_visit
BEGIN SELECT RAISE(ABORT, 'must_visit_no_delete'); END;

CREATE TRIGGER credit_entry_no_delete BEFORE DELETE ON credit_entry
BEGIN SELECT RAISE(ABORT, 'credit_entry_no_delete'); END;

-- engine: pg
CREATE TRIGGER inspection_no_delete BEFORE DELETE ON inspection FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inspection_no_truncate BEFORE TRUNCATE ON inspection FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inspection_line_no_delete BEFORE DELETE ON inspection_line FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inspection_line_no_truncate BEFORE TRUNCATE ON inspection_line FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inspection_conflict_no_delete BEFORE DELETE ON inspection_conflict FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER inspection_conflict_no_truncate BEFORE TRUNCATE ON inspection_conflict FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER must_visit_no_delete BEFORE DELETE ON must_visit FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER must_visit_no_truncate BEFORE TRUNCATE ON must_visit FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER credit_entry_no_delete BEFORE DELETE ON credit_entry FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER credit_entry_no_truncate BEFORE TRUNCATE ON credit_entry FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
