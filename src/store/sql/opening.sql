-- The opening import: what its files name.

-- name: opening_find mode: read
SELECT id FROM opening WHERE programme_id = ?1 AND sha256 = ?2

-- name: opening_source mode: read
SELECT id FROM fund_source WHERE programme_id = ?1 AND kind_id = ?2 AND code = ?3 ORDER BY id LIMIT 1

-- name: opening_voucher_known mode: read
SELECT COUNT(*) FROM voucher WHERE number = ?1

-- name: opening_claim_known mode: read
SELECT COUNT(*) FROM claim WHERE number = ?1 OR register_no = ?1

-- name: opening_invoice_known mode: read
SELECT COUNT(*) FROM invoice WHERE key = ?1

-- name: opening_account_version mode: read
SELECT COALESCE(MAX(version), 0) FROM bank_account WHERE org_id = ?1
