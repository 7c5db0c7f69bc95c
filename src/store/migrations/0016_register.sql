-- The register of approved claims, submitted to the authority.

-- engine: both

CREATE TABLE register_filing (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    authority TEXT NOT NULL DEFAULT '',
    count INTEGER NOT NULL DEFAULT 0,
    total_fen INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    filed_day INTEGER NOT NULL DEFAULT 0,
    receipt_no TEXT NOT NULL DEFAULT '',
    receipt_day INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE register_line (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    filing_id INTEGER NOT NULL DEFAULT 0,
    claim_id INTEGER NOT NULL DEFAULT 0,
    register_no TEXT NOT NULL DEFAULT '',
    corrects_id INTEGER NOT NULL DEFAULT 0,
    claim_no TEXT NOT NULL DEFAULT '',
    holder TEXT NOT NULL DEFAULT '',
    credit_code TEXT NOT NULL DEFAULT '',
    institution TEXT NOT NULL DEFAULT '',
    voucher_no TEXT NOT NULL DEFAULT '',
    contract_fen INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    ground TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX register_filing_by_programme ON register_filing (programme_id);

CREATE INDEX register_line_by_programme ON register_line (programme_id);

CREATE INDEX register_line_by_filing ON register_line (filing_id);

-- One entry of a claim; whatever follows corrects it.
CREATE UNIQUE INDEX register_line_of_claim ON register_line (claim_id) WHERE corrects_id = 0 AND claim_id <> 0;

CREATE INDEX register_line_by_claim ON register_line (claim_id);

CREATE UNIQUE INDEX register_line_corrects ON register_line (corrects_id) WHERE corrects_id <> 0;

-- engine: sqlite
CREATE TRIGGER register_filing_no_delete BEFORE DELETE ON register_filing
BEGIN SELECT RAISE(ABORT, 'register_filing_no_delete'); END;

CREATE TRIGGER register_line_no_delete BEFORE DELETE ON register_line
BEGIN SELECT RAISE(ABORT, 'register_line_no_delete'); END;

-- engine: pg
CREATE TRIGGER register_filing_no_delete BEFORE DELETE ON register_filing FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER register_filing_no_truncate BEFORE TRUNCATE ON register_filing FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER register_line_no_delete BEFORE DELETE ON register_line FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER register_line_no_truncate BEFORE TRUNCATE ON register_line FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
