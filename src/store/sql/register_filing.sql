-- The register of approved claims and its filings (P-39).

-- Claims with a number and no line: id and what the line keeps of today, in the order of the numbers.
-- name: register_unfiled mode: read
SELECT c.id, c.register_no, c.number, h.name, h.credit_code,
       COALESCE((SELECT MIN(i.name) FROM claim_line k JOIN service_order o ON o.id = k.order_id
                 JOIN organisation i ON i.id = o.institution_id WHERE k.claim_id = c.id), ''),
       v.number,
       CAST(COALESCE((SELECT SUM(o.contract_fen) FROM service_order o
                      WHERE o.id IN (SELECT k.order_id FROM claim_line k WHERE k.claim_id = c.id)), 0) AS BIGINT),
       c.approved_fen
FROM claim c JOIN organisation h ON h.id = c.holder_id JOIN voucher v ON v.id = c.voucher_id
WHERE c.programme_id = ?1 AND c.register_no <> ''
  AND c.state IN ('registered', 'published', 'objected', 'batched', 'sent', 'paid', 'unknown', 'returned_by_bank')
  AND NOT EXISTS (SELECT 1 FROM register_line l WHERE l.claim_id = c.id)
ORDER BY c.register_no LIMIT ?2

-- name: register_waiting mode: read
SELECT id, amount_fen FROM register_line WHERE programme_id = ?1 AND state = 'waiting' ORDER BY id LIMIT ?2

-- name: register_filed_in mode: read
SELECT id FROM register_line WHERE filing_id = ?1 AND state = 'filed' ORDER BY id LIMIT ?2

-- What stands in the file of a filing; a line that was corrected later stands there as it was.
-- name: register_lines_of mode: read
SELECT l.register_no, COALESCE(o.register_no, ''), l.claim_no, l.holder, l.credit_code, l.institution, l.voucher_no,
       l.contract_fen, l.amount_fen, l.ground
FROM register_line l LEFT JOIN register_line o ON o.id = l.corrects_id
WHERE l.filing_id = ?1 ORDER BY l.id
