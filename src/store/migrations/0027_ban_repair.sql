-- Bans lifted before their term: what was asked, and apart from it the words in which it was.

-- engine: both

CREATE TABLE ban_repair (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    ban_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    asked_day INTEGER NOT NULL DEFAULT 0,
    decided_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE ban_repair_private (
    id INTEGER PRIMARY KEY,
    content TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX ban_repair_by_programme ON ban_repair (programme_id);

CREATE INDEX ban_repair_by_org ON ban_repair (org_id);

CREATE INDEX ban_repair_by_ban ON ban_repair (ban_id);

-- One request at a time, and a ban is lifted by one of them.
CREATE UNIQUE INDEX ban_repair_open_key ON ban_repair (ban_id) WHERE state IN ('asked', 'granted');

-- engine: sqlite
CREATE TRIGGER ban_repair_no_delete BEFORE DELETE ON ban_repair
BEGIN SELECT RAISE(ABORT, 'ban_repair_no_delete'); END;

CREATE TRIGGER ban_repair_private_no_delete BEFORE DELETE ON ban_repair_private
BEGIN SELECT RAISE(ABORT, 'ban_repair_private_no_delete'); END;

-- engine: pg
CREATE TRIGGER ban_repair_no_delete BEFORE DELETE ON ban_repair FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER ban_repair_no_truncate BEFORE TRUNCATE ON ban_repair FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER ban_repair_private_no_delete BEFORE DELETE ON ban_repair_private FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER ban_repair_private_no_truncate BEFORE TRUNCATE ON ban_repair_private FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
