-- Figures from the ledger and the audited rows. Money reports read legs, never columns of claims, so
-- that what is published can be recomputed from the exported journal. ?n_us bounds are exclusive.

-- name: report_issued mode: read
SELECT CAST(COALESCE(SUM(l.amount), 0) AS INTEGER) FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.programme_id = ?1 AND l.account = 'voucher' AND l.amount > 0 AND e.at_us < ?2
  AND e.kind IN ('voucher_issue', 'voucher_top_up')

-- name: report_redeemed mode: read
SELECT CAST(COALESCE(SUM(l.amount), 0) AS INTEGER) FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.programme_id = ?1 AND l.account = 'paid' AND e.at_us < ?2
  AND e.kind IN ('bank_result', 'bank_line_settle', 'recovery_set_off')

-- name: report_enterprises mode: read
SELECT COUNT(DISTINCT v.holder_id) FROM leg l JOIN event e ON e.id = l.event_id
JOIN voucher v ON v.id = l.voucher_id
WHERE l.programme_id = ?1 AND l.account = 'paid' AND l.amount > 0 AND e.at_us < ?2

-- name: report_induced mode: read
SELECT CAST(COALESCE(SUM(contract_fen), 0) AS INTEGER) FROM service_order
WHERE programme_id = ?1 AND state = 'confirmed' AND confirmed_day <= ?2

-- name: report_services mode: read
SELECT d.outcome_kind, CAST(COALESCE(SUM(d.outcome_count), 0) AS INTEGER)
FROM delivery d JOIN service_order o ON o.id = d.order_id
WHERE o.programme_id = ?1 AND d.day <= ?2
GROUP BY d.outcome_kind ORDER BY d.outcome_kind

-- name: report_flow_contracts mode: read
SELECT o.region, o.confirmed_day, o.contract_fen, o.id FROM service_order o
WHERE o.programme_id = ?1 AND o.state = 'confirmed' AND o.id > ?2 ORDER BY o.id LIMIT ?3

-- name: report_region_paid mode: read
SELECT o.region, o.confirmed_day, l.amount FROM leg l JOIN event e ON e.id = l.event_id
JOIN service_order o ON o.id = l.order_id
WHERE l.programme_id = ?1 AND l.account = 'paid' AND e.at_us < ?2
  AND e.kind IN ('bank_result', 'bank_line_settle', 'recovery_set_off')

-- name: report_funds mode: read
SELECT s.code, s.name, s.class, s.origin, k.code, l.year, COALESCE(b.doc_no, ''), l.account,
       CAST(SUM(l.amount) AS INTEGER)
FROM leg l JOIN event e ON e.id = l.event_id JOIN fund_source s ON s.id = l.source_id
JOIN voucher_kind k ON k.id = l.kind_id LEFT JOIN budget_line b ON b.id = s.budget_line_id
WHERE l.programme_id = ?1 AND e.at_us < ?2
GROUP BY s.code, s.name, s.class, s.origin, k.code, l.year, b.doc_no, l.account
ORDER BY s.code, l.year, k.code, l.account

-- name: programme_first mode: read
SELECT id, code, name_zh, name_en, zone FROM programme ORDER BY id LIMIT 1
