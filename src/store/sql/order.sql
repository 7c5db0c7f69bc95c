-- Orders: what the policy asks of a pair of firm and institution, and which clocks have run out.

-- Read before any lock, to know which locks to take.
-- name: order_brief mode: read
SELECT o.voucher_id, v.kind_id FROM service_order o JOIN voucher v ON v.id = o.voucher_id
WHERE o.id = ?1 AND o.programme_id = ?2

-- name: order_change_brief mode: read
SELECT order_id FROM order_change WHERE id = ?1

-- Members of a pooled order that have not declined, and the order that a part belongs to.
-- name: order_members mode: read
SELECT id, holder_id, member_order_id, state FROM order_member
WHERE order_id = ?1 AND state <> 'declined' ORDER BY id

-- name: order_member_lead mode: read
SELECT order_id FROM order_member WHERE member_order_id = ?1 AND member_order_id <> 0 AND state = 'joined'

-- An agreement names the beginning of a division code.
-- name: agreement_covers mode: read
SELECT COUNT(*) FROM agreement
WHERE programme_id = ?1 AND from_day <= ?3 AND (to_day = 0 OR to_day >= ?3)
  AND region <> '' AND substr(CAST(?2 AS TEXT), 1, length(region)) = region

-- name: recognition_open mode: read
SELECT COUNT(*) FROM recognition
WHERE programme_id = ?1 AND org_id = ?2 AND from_day <= ?3 AND (to_day = 0 OR to_day >= ?3)

-- Owner, controller, representative or account in common, or one the legal entity of the other.
-- name: order_related mode: read
SELECT (SELECT COUNT(*) FROM org_fact a JOIN org_fact b ON b.org_id = ?2 AND b.value = a.value
        WHERE a.org_id = ?1 AND a.value <> ''
          AND a.kind IN ('owner', 'controller', 'representative')
          AND b.kind IN ('owner', 'controller', 'representative')
          AND a.from_day <= ?3 AND (a.to_day = 0 OR a.to_day >= ?3)
          AND b.from_day <= ?3 AND (b.to_day = 0 OR b.to_day >= ?3))
     + (SELECT COUNT(*) FROM organisation WHERE (id = ?1 AND parent_id = ?2) OR (id = ?2 AND parent_id = ?1))
     + (SELECT COUNT(*) FROM bank_account x JOIN bank_account_private xp ON xp.id = x.id
        JOIN bank_account y ON y.org_id = ?2 AND y.state = 'active'
        JOIN bank_account_private yp ON yp.id = y.id
        WHERE x.org_id = ?1 AND x.state = 'active' AND xp.number <> '' AND xp.number = yp.number)

-- name: evidence_count mode: read
SELECT COUNT(*) FROM evidence WHERE subject = ?1 AND subject_id = ?2

-- name: order_delivered mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM delivery WHERE order_id = ?1

-- name: order_change_open mode: read
SELECT COUNT(*) FROM order_change WHERE order_id = ?1 AND state = 'proposed'

-- name: order_claims_live mode: read
SELECT COUNT(*) FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.order_id = ?1 AND l.freed = 0 AND c.state NOT IN ('draft', 'withdrawn', 'refused')

-- name: order_claims_undecided mode: read
SELECT COUNT(*) FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.order_id = ?1 AND l.freed = 0 AND c.state IN ('submitted', 'returned', 'checked')

-- name: order_due_lapse mode: read
SELECT o.id FROM service_order o JOIN voucher v ON v.id = o.voucher_id
WHERE o.programme_id = ?1 AND o.state = 'proposed' AND o.closed = 0 AND o.id > ?3
  AND (o.end_day < ?2 OR v.state IN ('expired', 'cancelled'))
ORDER BY o.id LIMIT ?4

-- name: order_due_confirm mode: read
SELECT id FROM service_order
WHERE programme_id = ?1 AND state = 'delivered' AND closed = 0 AND id > ?3
  AND confirm_by_day <> 0 AND confirm_by_day < ?2
ORDER BY id LIMIT ?4

-- name: order_due_cancel mode: read
SELECT o.id FROM service_order o JOIN voucher v ON v.id = o.voucher_id
WHERE o.programme_id = ?1 AND o.state = 'accepted' AND o.closed = 0 AND o.id > ?3 AND v.claim_by_day < ?2
ORDER BY o.id LIMIT ?4

-- name: order_due_close mode: read
SELECT o.id FROM service_order o JOIN voucher v ON v.id = o.voucher_id
WHERE o.programme_id = ?1 AND o.state = 'confirmed' AND o.closed = 0 AND o.id > ?3 AND v.claim_by_day < ?2
  AND NOT EXISTS (SELECT 1 FROM claim_line l JOIN claim c ON c.id = l.claim_id
                  WHERE l.order_id = o.id AND l.freed = 0 AND c.state IN ('submitted', 'returned', 'checked'))
ORDER BY o.id LIMIT ?4

-- name: order_of_holder mode: read
SELECT o.id, o.number, o.voucher_id, o.institution_id, i.name, o.outcome_kind, o.title, o.contract_fen,
       o.voucher_fen, o.state, o.made_day, o.end_day, o.closed
FROM service_order o JOIN organisation i ON i.id = o.institution_id
WHERE o.programme_id = ?1 AND o.holder_id = ?2 AND o.id > ?3 ORDER BY o.id LIMIT ?4

-- One queue over all programmes (an institution has one account).
-- name: order_of_institution mode: read
SELECT o.id, o.number, o.programme_id, o.holder_id, h.name, o.outcome_kind, o.title, o.contract_fen,
       o.voucher_fen, o.state, o.made_day, o.end_day, o.closed
FROM service_order o JOIN organisation h ON h.id = o.holder_id
WHERE o.institution_id = ?1 AND o.id > ?2 ORDER BY o.id LIMIT ?3
