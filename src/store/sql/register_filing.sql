-- The register of approved claims and its filings (P-39).

-- Claims with a number and no line: id and what the line keeps of today, in the order of the numbers. One whose
-- approval was undone goes out too, with what was paid of it, so that the numbers have no gap.
-- name: register_unfiled mode: read
SELECT c.id, c.register_no, c.number, h.name, h.credit_code,
       COALESCE((SELECT MIN(i.name) FROM claim_line k JOIN service_order o ON o.id = k.order_id
                 JOIN organisation i ON i.id = o.institution_id WHERE k.claim_id = c.id), ''),
       v.number,
       CAST(COALESCE((SELECT SUM(o.contract_fen) FROM service_order o
                      WHERE o.id IN (SELECT k.order_id FROM claim_line k WHERE k.claim_id = c.id)), 0) AS BIGINT),
       CASE WHEN c.state IN ('registered', 'published', 'objected', 'batched', 'sent', 'paid', 'unknown', 'returned_by_bank')
            THEN c.approved_fen ELSE c.paid_fen END,
       CASE WHEN c.state IN ('registered', 'published', 'objected', 'batched', 'sent', 'paid', 'unknown', 'returned_by_bank')
            THEN 0 ELSE 1 END
FROM claim c JOIN organisation h ON h.id = c.holder_id JOIN voucher v ON v.id = c.voucher_id
WHERE c.programme_id = ?1 AND c.register_no <> ''
  AND NOT EXISTS (SELECT 1 FROM register_line l WHERE l.claim_id = c.id)
ORDER BY c.register_no LIMIT ?2

-- A line that was corrected before the authority had it goes out all the same, before its correction.
-- name: register_waiting mode: read
SELECT id, amount_fen, state FROM register_line
WHERE programme_id = ?1 AND (state = 'waiting' OR (state = 'corrected' AND filing_id = 0)) ORDER BY id LIMIT ?2

-- name: register_filed_in mode: read
SELECT id, state FROM register_line WHERE filing_id = ?1 ORDER BY id LIMIT ?2

-- The line of a claim that no other corrects; 0 where it has none.
-- name: register_last_of mode: read
SELECT CAST(COALESCE(MAX(l.id), 0) AS BIGINT) FROM register_line l
WHERE l.claim_id = ?1 AND NOT EXISTS (SELECT 1 FROM register_line n WHERE n.corrects_id = l.id)

-- What stands in the file of a filing; a line that was corrected later stands there as it was.
-- name: register_lines_of mode: read
SELECT l.register_no, COALESCE(o.register_no, ''), l.claim_no, l.holder, l.credit_code, l.institution, l.voucher_no,
       l.contract_fen, l.amount_fen, l.ground
FROM register_line l LEFT JOIN register_line o ON o.id = l.corrects_id
WHERE l.filing_id = ?1 ORDER BY l.id
