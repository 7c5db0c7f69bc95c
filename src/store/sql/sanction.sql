-- Violation cases: what a decision reaches, bans, recoveries.

-- name: sanction_kinds mode: read
SELECT DISTINCT kind_id FROM voucher WHERE programme_id = ?1 AND holder_id = ?2 ORDER BY kind_id

-- name: sanction_vouchers mode: read
SELECT id FROM voucher
WHERE programme_id = ?1 AND holder_id = ?2 AND state IN ('active', 'frozen') ORDER BY id

-- Claims of the organisation and of those whom it succeeded: what was approved in their name is paid to it
-- (R-ORG-020). The last column says whether it is the payee.
-- name: sanction_claims mode: read
WITH RECURSIVE names(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?2
    UNION SELECT o.id FROM organisation o JOIN names h ON o.successor_id = h.id AND o.successor_id <> 0)
SELECT id, voucher_id, holder_id, payee_id, CASE WHEN payee_id IN (SELECT id FROM names) THEN 1 ELSE 0 END
FROM claim
WHERE id IN (SELECT c.id FROM names h CROSS JOIN claim c WHERE c.holder_id = h.id
             UNION SELECT c.id FROM names h CROSS JOIN claim c WHERE c.payee_id = h.id)
  AND programme_id = ?1
  AND state IN ('submitted', 'returned', 'checked', 'approved', 'registered', 'published', 'objected',
                'batched', 'sent', 'unknown', 'returned_by_bank')
ORDER BY id

-- name: sanction_claim_orders mode: read
SELECT DISTINCT order_id FROM claim_line WHERE claim_id = ?1 AND freed = 0 ORDER BY order_id

-- Orders of the organisation that still have a hold or wait for an answer, also in the names of those whom it
-- succeeded: an undone approval opens them again. The last column says whether it is the customer.
-- name: sanction_orders mode: read
WITH RECURSIVE names(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?2
    UNION SELECT o.id FROM organisation o JOIN names h ON o.successor_id = h.id AND o.successor_id <> 0)
SELECT id, voucher_id, holder_id, institution_id, state, agreed_day, delivered_day,
       CASE WHEN holder_id IN (SELECT id FROM names) THEN 1 ELSE 0 END
FROM service_order
WHERE id IN (SELECT c.id FROM names h CROSS JOIN service_order c WHERE c.holder_id = h.id
             UNION SELECT c.id FROM names h CROSS JOIN service_order c WHERE c.institution_id = h.id)
  AND programme_id = ?1 AND closed = 0
  AND state IN ('proposed', 'accepted', 'disputed', 'delivered', 'confirmed')
ORDER BY id

-- The ban of day ?2 that stops a claim, the oldest first, and the decision that it stands on.
-- name: sanction_ban_of_claim mode: read
WITH RECURSIVE heirs(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?3
    UNION SELECT o.id FROM organisation o WHERE o.id = ?4
    UNION SELECT o.successor_id FROM organisation o JOIN heirs h ON h.id = o.id WHERE o.successor_id <> 0)
SELECT n.org_id, COALESCE((SELECT v.decision_id FROM violation_case v WHERE v.id = n.case_id), 0)
FROM heirs h CROSS JOIN ban n
WHERE n.org_id = h.id AND n.state = 'active' AND n.from_day <= ?2 AND n.to_day >= ?2
  AND (n.scope = 'all_funds' OR n.programme_id = ?1)
ORDER BY n.from_day, n.id LIMIT 1

-- name: sanction_orders_of_claim mode: read
SELECT DISTINCT order_id FROM claim_line WHERE claim_id = ?1 ORDER BY order_id

-- name: sanction_case_bans mode: read
SELECT id FROM ban WHERE case_id = ?1 AND state = 'active' ORDER BY id

-- name: sanction_case_recoveries mode: read
SELECT id FROM recovery WHERE case_id = ?1 AND state IN ('owed', 'settled') ORDER BY id

-- name: sanction_recovery_of mode: read
SELECT id FROM recovery WHERE case_id = ?1 AND claim_id = ?2 AND state = 'owed'

-- name: sanction_case_owed mode: read
SELECT COUNT(*) FROM recovery WHERE case_id = ?1 AND state = 'owed'

-- Those that hold, and those that the public list names as repaired: ?1 the last day that is past, ?2 programme or 0 for all.
-- name: sanction_bans_due mode: read
SELECT id FROM ban
WHERE (state = 'active' OR (state = 'lifted' AND EXISTS (SELECT 1 FROM ban_repair r WHERE r.ban_id = ban.id AND r.state = 'granted')))
  AND to_day < ?1 AND (?2 = 0 OR programme_id = ?2)
ORDER BY id LIMIT 1000

-- What organisation ?1 owes, in whatever programme.
-- name: ban_repair_owed mode: read
SELECT COUNT(*) FROM recovery r JOIN violation_case v ON v.id = r.case_id WHERE v.org_id = ?1 AND r.state = 'owed'

-- name: ban_repair_open mode: read
SELECT CAST(COALESCE(MAX(id), 0) AS BIGINT) FROM ban_repair WHERE ban_id = ?1 AND state = 'asked'

-- name: ban_repair_ban mode: read
SELECT ban_id FROM ban_repair WHERE id = ?1 AND programme_id = ?2

-- Debts of the organisation and of whoever goes on for it: a case moves to the successor (R-ORG-020).
-- CROSS JOIN: from the organisation to its cases.
-- name: recovery_owed mode: read
WITH RECURSIVE heirs(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?2
    UNION SELECT o.successor_id FROM organisation o JOIN heirs h ON h.id = o.id WHERE o.successor_id <> 0)
SELECT r.id, r.case_id, r.claim_id, r.voucher_id,
       r.amount_fen - r.collected_fen - r.set_off_fen - r.written_off_fen, v.state
FROM heirs h CROSS JOIN violation_case v JOIN recovery r ON r.case_id = v.id
WHERE v.org_id = h.id AND v.programme_id = ?1 AND r.state = 'owed' ORDER BY r.due_day, r.id LIMIT ?3

-- name: recovery_plan_parts mode: read
SELECT due_day, amount_fen, upto_fen FROM recovery_instalment WHERE recovery_id = ?1 AND plan = ?2 ORDER BY n

-- Cells of a claim that were handed back, as they were before.
-- name: recovery_handed_cells mode: read
SELECT l.source_id, l.year, l.kind_id, l.order_id, l.line_id, CAST(-SUM(l.amount) AS BIGINT)
FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.voucher_id = ?1 AND l.claim_id = ?2 AND l.account = 'recovered' AND l.amount < 0
  AND e.kind = 'recovery_hand_back'
GROUP BY l.source_id, l.year, l.kind_id, l.order_id, l.line_id
ORDER BY l.year, l.source_id, l.order_id, l.line_id

-- Is institution ?2 off the list of programme ?1?
-- name: delisting_holds mode: read
SELECT COUNT(*) FROM delisting WHERE org_id = ?2 AND programme_id = ?1 AND state = 'active'
