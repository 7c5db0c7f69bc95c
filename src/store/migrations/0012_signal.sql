-- Signals before payment and what became of them.

-- engine: both

CREATE TABLE signal (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    action TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    amount_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0,
    maker_id INTEGER NOT NULL DEFAULT 0,
    decider_id INTEGER NOT NULL DEFAULT 0,
    decided_day INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE signal_link (
    id INTEGER PRIMARY KEY,
    signal_id INTEGER NOT NULL DEFAULT 0,
    subject TEXT NOT NULL DEFAULT '',
    subject_id INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE signal_list (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    count INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0,
    maker_id INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE other_funding (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    list_id INTEGER NOT NULL DEFAULT 0,
    measure TEXT NOT NULL DEFAULT '',
    credit_code TEXT NOT NULL DEFAULT '',
    item TEXT NOT NULL DEFAULT '',
    amount_fen INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX signal_list_sha256_key ON signal_list (programme_id, kind, sha256);

CREATE INDEX other_funding_by_credit_code ON other_funding (credit_code);

CREATE INDEX other_funding_by_list ON other_funding (list_id);

CREATE INDEX signal_by_subject ON signal (subject_id);

CREATE INDEX signal_by_org ON signal (org_id);

CREATE INDEX signal_by_programme_state ON signal (programme_id, state);

CREATE INDEX signal_link_by_signal ON signal_link (signal_id);

-- What near misses are found by.
CREATE INDEX invoice_by_seller_issued_day ON invoice (seller_id, issued_day, gross_fen);

CREATE INDEX invoice_by_blob ON invoice (blob) WHERE blob <> '';

CREATE INDEX user_account_by_org ON user_account (org_id) WHERE org_id <> 0;

-- engine: sqlite
CREATE TRIGGER signal_no_delete BEFORE DELETE ON signal
BEGIN SELECT RAISE(ABORT, 'signal_no_delete'); END;

CREATE TRIGGER signal_link_no_delete BEFORE DELETE ON signal_link
BEGIN SELECT RAISE(ABORT, 'signal_link_no_delete'); END;

CREATE TRIGGER signal_list_no_delete BEFORE DELETE ON signal_list
BEGIN SELECT RAISE(ABORT, 'signal_list_no_delete'); END;

CREATE TRIGGER other_funding_no_delete BEFORE DELETE ON other_funding
BEGIN SELECT RAISE(ABORT, 'other_funding_no_delete'); END;

-- engine: pg
CREATE TRIGGER signal_no_delete BEFORE DELETE ON signal FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER signal_no_truncate BEFORE TRUNCATE ON signal FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER signal_link_no_delete BEFORE DELETE ON signal_link FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER signal_link_no_truncate BEFORE TRUNCATE ON signal_link FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER signal_list_no_delete BEFORE DELETE ON signal_list FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER signal_list_no_truncate BEFORE TRUNCATE ON signal_list FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER other_funding_no_delete BEFORE DELETE ON other_funding FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER other_funding_no_truncate BEFORE TRUNCATE ON other_funding FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
