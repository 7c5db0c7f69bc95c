-- Draws of firms to inspect: plan, secret, inspectors, picks. The population lies beside the tables, as
-- the file that its hash names.

-- engine: both

CREATE TABLE draw (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    policy_id INTEGER NOT NULL DEFAULT 0,
    unit TEXT NOT NULL DEFAULT '',
    counted TEXT NOT NULL DEFAULT '',
    strata TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    rate_bp INTEGER NOT NULL DEFAULT 0,
    visitors INTEGER NOT NULL DEFAULT 0,
    public_source TEXT NOT NULL DEFAULT '',
    public_day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    planned_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0,
    frozen_day INTEGER NOT NULL DEFAULT 0,
    drawn_day INTEGER NOT NULL DEFAULT 0,
    published_day INTEGER NOT NULL DEFAULT 0,
    units INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    plan TEXT NOT NULL DEFAULT '',
    population_sha256 TEXT NOT NULL DEFAULT '',
    pool_sha256 TEXT NOT NULL DEFAULT '',
    commitment TEXT NOT NULL DEFAULT '',
    seed TEXT NOT NULL DEFAULT '',
    public_value TEXT NOT NULL DEFAULT '',
    final_seed TEXT NOT NULL DEFAULT '',
    result_sha256 TEXT NOT NULL DEFAULT '',
    CONSTRAINT draw_days_check CHECK (from_day <= to_day),
    CONSTRAINT draw_rate_check CHECK (rate_bp BETWEEN 0 AND 10000),
    CONSTRAINT draw_visitors_check CHECK (visitors >= 2 OR visitors = 0)
) STRICT;

CREATE TABLE draw_secret (
    id INTEGER PRIMARY KEY,
    draw_id INTEGER NOT NULL DEFAULT 0,
    seed TEXT NOT NULL DEFAULT '',
    salt TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE draw_candidate (
    id INTEGER PRIMARY KEY,
    draw_id INTEGER NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    conflict TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE draw_inspector (
    id INTEGER PRIMARY KEY,
    draw_id INTEGER NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    score TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE draw_pick (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    draw_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    unit_key TEXT NOT NULL DEFAULT '',
    how TEXT NOT NULL DEFAULT '',
    stratum TEXT NOT NULL DEFAULT '',
    amount_fen INTEGER NOT NULL DEFAULT 0,
    place INTEGER NOT NULL DEFAULT 0,
    score TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX draw_number_key ON draw (number);

CREATE INDEX draw_by_programme_state ON draw (programme_id, state);

CREATE UNIQUE INDEX draw_secret_key ON draw_secret (draw_id);

CREATE UNIQUE INDEX draw_candidate_key ON draw_candidate (draw_id, person_id);

CREATE UNIQUE INDEX draw_inspector_key ON draw_inspector (draw_id, person_id);

CREATE INDEX draw_inspector_by_person ON draw_inspector (person_id);

-- One firm is named for a risk once a draw; a drawn unit is drawn once.
CREATE UNIQUE INDEX draw_pick_drawn_key ON draw_pick (draw_id, unit_key) WHERE how <> 'risk';

CREATE UNIQUE INDEX draw_pick_risk_key ON draw_pick (draw_id, unit_key) WHERE how = 'risk';

CREATE INDEX draw_pick_by_org ON draw_pick (org_id);

-- engine: sqlite
CREATE TRIGGER draw_no_delete BEFORE DELETE ON draw
BEGIN SELECT RAISE(ABORT, 'draw_no_delete'); END;

CREATE TRIGGER draw_secret_no_delete BEFORE DELETE ON draw_secret
BEGIN SELECT RAISE(ABORT, 'draw_secret_no_delete'); END;

CREATE TRIGGER draw_candidate_no_delete BEFORE DELETE ON draw_candidate
BEGIN SELECT RAISE(ABORT, 'draw_candidate_no_delete'); END;

CREATE TRIGGER draw_inspector_no_delete BEFORE DELETE ON draw_inspector
BEGIN SELECT RAISE(ABORT, 'draw_inspector_no_delete'); END;

CREATE TRIGGER draw_pick_no_delete BEFORE DELETE ON draw_pick
BEGIN SELECT RAISE(ABORT, 'draw_pick_no_delete'); END;

-- engine: pg
CREATE TRIGGER draw_no_delete BEFORE DELETE ON draw FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_no_truncate BEFORE TRUNCATE ON draw FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_secret_no_delete BEFORE DELETE ON draw_secret FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_secret_no_truncate BEFORE TRUNCATE ON draw_secret FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_candidate_no_delete BEFORE DELETE ON draw_candidate FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_candidate_no_truncate BEFORE TRUNCATE ON draw_candidate FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_inspector_no_delete BEFORE DELETE ON draw_inspector FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_inspector_no_truncate BEFORE TRUNCATE ON draw_inspector FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_pick_no_delete BEFORE DELETE ON draw_pick FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER draw_pick_no_truncate BEFORE TRUNCATE ON draw_pick FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
