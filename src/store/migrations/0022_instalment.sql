-- Debts paid in instalments.

-- engine: both

ALTER TABLE recovery ADD COLUMN plan INTEGER NOT NULL DEFAULT 0;

CREATE TABLE recovery_instalment (
    id INTEGER PRIMARY KEY,
    recovery_id INTEGER NOT NULL DEFAULT 0,
    plan INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    due_day INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    upto_fen INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX recovery_instalment_by_recovery ON recovery_instalment (recovery_id);

-- engine: sqlite
CREATE TRIGGER recovery_instalment_no_delete BEFORE DELETE ON recovery_instalment
BEGIN SELECT RAISE(ABORT, 'recovery_instalment_no_delete'); END;

-- engine: pg
CREATE TRIGGER recovery_instalment_no_delete BEFORE DELETE ON recovery_instalment FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER recovery_instalment_no_truncate BEFORE TRUNCATE ON recovery_instalment FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
