-- Invoices compared between counties by keyed hashes.

-- engine: both

CREATE TABLE invoice_exchange (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    way TEXT NOT NULL DEFAULT '',
    other TEXT NOT NULL DEFAULT '',
    year INTEGER NOT NULL DEFAULT 0,
    key_id TEXT NOT NULL DEFAULT '',
    count INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX invoice_exchange_sha256_key ON invoice_exchange (programme_id, way, sha256);

-- engine: sqlite
CREATE TRIGGER invoice_exchange_no_delete BEFORE DELETE ON invoice_exchange
BEGIN SELECT RAISE(ABORT, 'invoice_exchange_no_delete'); END;

-- engine: pg
CREATE TRIGGER invoice_exchange_no_delete BEFORE DELETE ON invoice_exchange FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER invoice_exchange_no_truncate BEFORE TRUNCATE ON invoice_exchange FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
