-- What is conspicuous in how the staff decide.

-- engine: both

CREATE TABLE staff_look (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    found INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE staff_signal (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    look_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    person_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    measured INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    number INTEGER NOT NULL DEFAULT 0,
    share_bp INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    decider_id INTEGER NOT NULL DEFAULT 0,
    decided_day INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX staff_signal_by_programme ON staff_signal (programme_id, state);

-- Decisions of a quarter, without a walk through those of all years.
CREATE INDEX act_by_day ON act (programme_id, day);

-- engine: sqlite
CREATE TRIGGER staff_look_no_delete BEFORE DELETE ON staff_look
BEGIN SELECT RAISE(ABORT, 'staff_look_no_delete'); END;

CREATE TRIGGER staff_signal_no_delete BEFORE DELETE ON staff_signal
BEGIN SELECT RAISE(ABORT, 'staff_signal_no_delete'); END;

-- engine: pg
CREATE TRIGGER staff_look_no_delete BEFORE DELETE ON staff_look FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER staff_look_no_truncate BEFORE TRUNCATE ON staff_look FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER staff_signal_no_delete BEFORE DELETE ON staff_signal FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER staff_signal_no_truncate BEFORE TRUNCATE ON staff_signal FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
