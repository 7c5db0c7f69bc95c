-- What townships and parks are measured by, year by year.

-- engine: both

CREATE TABLE assessment (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    year INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    base_day INTEGER NOT NULL DEFAULT 0,
    policy_id INTEGER NOT NULL DEFAULT 0,
    round INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    decision_id INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX assessment_one_a_year ON assessment (programme_id, year) WHERE state <> 'withdrawn';

CREATE TABLE assessment_firm (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    assessment_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    unit_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX assessment_firm_once ON assessment_firm (assessment_id, org_id);

CREATE INDEX assessment_firm_by_programme ON assessment_firm (programme_id);

CREATE TABLE assessment_contest (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    assessment_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    unit_id INTEGER NOT NULL DEFAULT 0,
    ground TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    filed_day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX assessment_contest_by_assessment ON assessment_contest (assessment_id);

CREATE INDEX assessment_contest_by_programme ON assessment_contest (programme_id);

CREATE TABLE assessment_score (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    assessment_id INTEGER NOT NULL DEFAULT 0,
    round INTEGER NOT NULL DEFAULT 0,
    unit_id INTEGER NOT NULL DEFAULT 0,
    firms INTEGER NOT NULL DEFAULT 0,
    points_bp INTEGER NOT NULL DEFAULT 0,
    place INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX assessment_score_once ON assessment_score (assessment_id, round, unit_id);

CREATE INDEX assessment_score_by_programme ON assessment_score (programme_id);

CREATE TABLE assessment_figure (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    score_id INTEGER NOT NULL DEFAULT 0,
    measure TEXT NOT NULL DEFAULT '',
    label_zh TEXT NOT NULL DEFAULT '',
    label_en TEXT NOT NULL DEFAULT '',
    part INTEGER NOT NULL DEFAULT 0,
    whole INTEGER NOT NULL DEFAULT 0,
    value INTEGER NOT NULL DEFAULT 0,
    target INTEGER NOT NULL DEFAULT 0,
    weight_bp INTEGER NOT NULL DEFAULT 0,
    achieved_bp INTEGER NOT NULL DEFAULT 0,
    points_bp INTEGER NOT NULL DEFAULT 0,
    unit TEXT NOT NULL DEFAULT '',
    said_value TEXT NOT NULL DEFAULT '',
    said_target TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX assessment_figure_once ON assessment_figure (score_id, measure);

CREATE INDEX assessment_figure_by_programme ON assessment_figure (programme_id);

CREATE TABLE assessment_row (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    score_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    then_id INTEGER NOT NULL DEFAULT 0,
    listed INTEGER NOT NULL DEFAULT 0,
    vouchers INTEGER NOT NULL DEFAULT 0,
    paid INTEGER NOT NULL DEFAULT 0,
    violation INTEGER NOT NULL DEFAULT 0,
    issued_fen INTEGER NOT NULL DEFAULT 0,
    redeemed_fen INTEGER NOT NULL DEFAULT 0,
    contract_fen INTEGER NOT NULL DEFAULT 0,
    orders INTEGER NOT NULL DEFAULT 0,
    cross_orders INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX assessment_row_by_score ON assessment_row (score_id);

CREATE INDEX assessment_row_by_programme ON assessment_row (programme_id);

-- engine: sqlite
CREATE TRIGGER assessment_no_delete BEFORE DELETE ON assessment
BEGIN SELECT RAISE(ABORT, 'assessment_no_delete'); END;

CREATE TRIGGER assessment_firm_no_delete BEFORE DELETE ON assessment_firm
BEGIN SELECT RAISE(ABORT, 'assessment_firm_no_delete'); END;

CREATE TRIGGER assessment_contest_no_delete BEFORE DELETE ON assessment_contest
BEGIN SELECT RAISE(ABORT, 'assessment_contest_no_delete'); END;

CREATE TRIGGER assessment_score_no_delete BEFORE DELETE ON assessment_score
BEGIN SELECT RAISE(ABORT, 'assessment_score_no_delete'); END;

CREATE TRIGGER assessment_figure_no_delete BEFORE DELETE ON assessment_figure
BEGIN SELECT RAISE(ABORT, 'assessment_figure_no_delete'); END;

CREATE TRIGGER assessment_row_no_delete BEFORE DELETE ON assessment_row
BEGIN SELECT RAISE(ABORT, 'assessment_row_no_delete'); END;

-- engine: pg
CREATE TRIGGER assessment_no_delete BEFORE DELETE ON assessment FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_no_truncate BEFORE TRUNCATE ON assessment FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_firm_no_delete BEFORE DELETE ON assessment_firm FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_firm_no_truncate BEFORE TRUNCATE ON assessment_firm FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_contest_no_delete BEFORE DELETE ON assessment_contest FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_contest_no_truncate BEFORE TRUNCATE ON assessment_contest FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_score_no_delete BEFORE DELETE ON assessment_score FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_score_no_truncate BEFORE TRUNCATE ON assessment_score FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_figure_no_delete BEFORE DELETE ON assessment_figure FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_figure_no_truncate BEFORE TRUNCATE ON assessment_figure FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_row_no_delete BEFORE DELETE ON assessment_row FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER assessment_row_no_truncate BEFORE TRUNCATE ON assessment_row FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
