-- Draws of firms to inspect (P-30): populations in the order of their keys, who may inspect, lookups.
-- Population statements: ?1 programme, ?2 first and ?3 last day, ?4 strata: 0 none, 1 township, 2 kind of
-- voucher. They give key, organisation that answers today (a firm that went on as another is that other),
-- stratum, amount. A holder without a credit code goes by its number here.

-- name: draw_firms_paid mode: read
SELECT CASE WHEN o.credit_code <> '' THEN o.credit_code ELSE 'ORG-' || o.id END AS k, o.id,
       CASE WHEN CAST(?4 AS INTEGER) = 1 THEN COALESCE(p.name, '') ELSE '' END,
       CAST(SUM(l.amount_fen + l.set_off_fen) AS BIGINT)
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN organisation h ON h.id = c.holder_id
JOIN organisation o ON o.id = CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
LEFT JOIN organisation p ON p.id = o.place_id
WHERE c.programme_id = ?1 AND l.state = 'paid' AND l.result_day BETWEEN ?2 AND ?3
GROUP BY o.id, o.credit_code, p.name ORDER BY k

-- name: draw_firms_holding mode: read
SELECT CASE WHEN o.credit_code <> '' THEN o.credit_code ELSE 'ORG-' || o.id END AS k, o.id,
       CASE WHEN CAST(?4 AS INTEGER) = 1 THEN COALESCE(p.name, '') ELSE '' END,
       CAST(SUM(v.issued_fen) AS BIGINT)
FROM voucher v JOIN organisation h ON h.id = v.holder_id
JOIN organisation o ON o.id = CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
LEFT JOIN organisation p ON p.id = o.place_id
WHERE v.programme_id = ?1 AND v.issued_day <= ?3 AND v.claim_by_day >= ?2
GROUP BY o.id, o.credit_code, p.name ORDER BY k

-- name: draw_claims_paid mode: read
SELECT c.number AS k, o.id,
       CASE CAST(?4 AS INTEGER) WHEN 1 THEN COALESCE(p.name, '') WHEN 2 THEN n.code ELSE '' END,
       CAST(SUM(l.amount_fen + l.set_off_fen) AS BIGINT)
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN organisation h ON h.id = c.holder_id
JOIN organisation o ON o.id = CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
JOIN voucher v ON v.id = c.voucher_id JOIN voucher_kind n ON n.id = v.kind_id
LEFT JOIN organisation p ON p.id = o.place_id
WHERE c.programme_id = ?1 AND l.state = 'paid' AND l.result_day BETWEEN ?2 AND ?3
GROUP BY c.number, o.id, p.name, n.code ORDER BY k

-- name: draw_claims_filed mode: read
SELECT c.number AS k, o.id,
       CASE CAST(?4 AS INTEGER) WHEN 1 THEN COALESCE(p.name, '') WHEN 2 THEN n.code ELSE '' END, c.asked_fen
FROM claim c JOIN organisation h ON h.id = c.holder_id
JOIN organisation o ON o.id = CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
JOIN voucher v ON v.id = c.voucher_id JOIN voucher_kind n ON n.id = v.kind_id
LEFT JOIN organisation p ON p.id = o.place_id
WHERE c.programme_id = ?1 AND c.number <> '' AND c.filed_day BETWEEN ?2 AND ?3
  AND c.state NOT IN ('draft', 'withdrawn')
ORDER BY k

-- name: draw_vouchers_paid mode: read
SELECT v.number AS k, o.id,
       CASE CAST(?4 AS INTEGER) WHEN 1 THEN COALESCE(p.name, '') WHEN 2 THEN n.code ELSE '' END,
       CAST(SUM(l.amount_fen + l.set_off_fen) AS BIGINT)
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN voucher v ON v.id = c.voucher_id
JOIN organisation h ON h.id = v.holder_id
JOIN organisation o ON o.id = CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
JOIN voucher_kind n ON n.id = v.kind_id LEFT JOIN organisation p ON p.id = o.place_id
WHERE c.programme_id = ?1 AND l.state = 'paid' AND l.result_day BETWEEN ?2 AND ?3
GROUP BY v.number, o.id, p.name, n.code ORDER BY k

-- name: draw_vouchers_held mode: read
SELECT v.number AS k, o.id,
       CASE CAST(?4 AS INTEGER) WHEN 1 THEN COALESCE(p.name, '') WHEN 2 THEN n.code ELSE '' END, v.issued_fen
FROM voucher v JOIN organisation h ON h.id = v.holder_id
JOIN organisation o ON o.id = CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
JOIN voucher_kind n ON n.id = v.kind_id LEFT JOIN organisation p ON p.id = o.place_id
WHERE v.programme_id = ?1 AND v.issued_day <= ?3 AND v.claim_by_day >= ?2
ORDER BY k

-- Organisations that must be visited anyway in programme ?1 on day ?2.
-- name: draw_must mode: read
SELECT DISTINCT CASE WHEN o.successor_id <> 0 THEN o.successor_id ELSE o.id END
FROM must_visit m JOIN organisation o ON o.id = m.org_id
WHERE m.programme_id = ?1 AND m.from_day <= ?2 AND (m.to_day = 0 OR m.to_day >= ?2)

-- Persons who may inspect in programme ?1 on day ?2.
-- name: draw_inspectors mode: read
SELECT DISTINCT u.person_id FROM role_grant g JOIN user_account u ON u.id = g.user_id
WHERE g.role = 'inspector' AND g.state = 'active' AND (g.programme_id = ?1 OR g.programme_id = 0)
  AND g.from_day <= ?2 AND (g.to_day = 0 OR g.to_day >= ?2) AND u.state = 'open' AND u.person_id <> 0
ORDER BY u.person_id

-- Organisations that a person ever acted for.
-- name: draw_person_orgs mode: read
SELECT DISTINCT g.org_id FROM role_grant g JOIN user_account u ON u.id = g.user_id
WHERE u.person_id = ?1 AND g.org_id <> 0 ORDER BY g.org_id

-- name: draw_person_of_user mode: read
SELECT person_id FROM user_account WHERE id = ?1

-- name: draw_secret_of mode: read
SELECT id FROM draw_secret WHERE draw_id = ?1

-- What was drawn, in the order in which it was written: by stratum, must-visit first.
-- name: draw_picked mode: read
SELECT unit_key, how, stratum, amount_fen, place, score FROM draw_pick WHERE draw_id = ?1 AND how <> 'risk'
ORDER BY id

-- name: draw_visitors mode: read
SELECT person_id, score FROM draw_inspector WHERE draw_id = ?1 ORDER BY id

-- name: draw_pool mode: read
SELECT person_id, code, conflict FROM draw_candidate WHERE draw_id = ?1 ORDER BY code

-- name: draw_risk_of mode: read
SELECT COUNT(*) FROM draw_pick WHERE draw_id = ?1 AND unit_key = ?2 AND how = 'risk'

-- Whose a key is. ?1 programme, ?2 key.
-- name: draw_org_of_firm mode: read
SELECT id FROM organisation WHERE ?1 > 0 AND credit_code = ?2

-- name: draw_org_of_claim mode: read
SELECT CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
FROM claim c JOIN organisation h ON h.id = c.holder_id WHERE c.programme_id = ?1 AND c.number = ?2

-- name: draw_org_of_voucher mode: read
SELECT CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END
FROM voucher v JOIN organisation h ON h.id = v.holder_id WHERE v.programme_id = ?1 AND v.number = ?2
