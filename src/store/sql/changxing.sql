-- What the demonstration looks up to play its parts.

-- name: claim_in_state mode: read
SELECT id FROM claim WHERE programme_id = ?1 AND state = ?2 ORDER BY id LIMIT ?3

-- name: claim_returned_payee mode: read
SELECT payee_id FROM claim WHERE programme_id = ?1 AND state = 'returned_by_bank' ORDER BY id LIMIT 1

-- name: claim_paid_of mode: read
SELECT id, paid_fen FROM claim WHERE programme_id = ?1 AND holder_id = ?2 AND paid_fen > 0 ORDER BY id LIMIT 1

-- name: recovery_of_case mode: read
SELECT id, amount_fen FROM recovery WHERE case_id = ?1 ORDER BY id LIMIT 1

-- What the paper says of single institutions (P-14).
-- name: changxing_institution mode: read
SELECT COUNT(DISTINCT o.holder_id), CAST(COALESCE(SUM(d.outcome_count), 0) AS INTEGER)
FROM organisation i JOIN service_order o ON o.institution_id = i.id JOIN delivery d ON d.order_id = o.id
WHERE i.name = ?1 AND d.outcome_kind = ?2 AND o.programme_id = (SELECT MIN(id) FROM programme)

-- Orders made while neither an agreement nor a recognition was open (P-18): there must be none.
-- name: changxing_early_orders mode: read
SELECT COUNT(*) FROM service_order o JOIN organisation i ON i.id = o.institution_id
WHERE NOT EXISTS (SELECT 1 FROM agreement a WHERE a.programme_id = o.programme_id AND a.from_day <= o.made_day
                  AND substr(i.region, 1, length(a.region)) = a.region)
  AND NOT EXISTS (SELECT 1 FROM recognition r WHERE r.org_id = i.id AND r.from_day <= o.made_day)

-- name: changxing_vouchers mode: read
SELECT COUNT(*) FROM voucher v JOIN voucher_kind k ON k.id = v.kind_id WHERE k.code = ?1

-- Of one programme; its bans have ended or not, by the day the demonstration is made.
-- name: changxing_in_state mode: read
SELECT (SELECT COUNT(*) FROM voucher WHERE state = 'expired' AND programme_id = ?1),
       (SELECT COUNT(*) FROM claim WHERE state = 'refused' AND programme_id = ?1),
       (SELECT COUNT(*) FROM service_order WHERE state = 'declined' AND programme_id = ?1),
       (SELECT COUNT(*) FROM ban WHERE programme_id = ?1),
       (SELECT COUNT(*) FROM batch_line l JOIN batch b ON b.id = l.batch_id
        WHERE l.state = 'returned' AND b.programme_id = ?1),
       (SELECT COUNT(*) FROM batch WHERE repeat_of_id = 0 AND state = 'closed' AND programme_id = ?1),
       (SELECT COUNT(*) FROM recovery r JOIN violation_case c ON c.id = r.case_id
        WHERE r.collected_fen > 0 AND c.programme_id = ?1)

-- How many claims, orders, applications of a programme are in a state: what a role finds on its desk.
-- name: changxing_claims mode: read
SELECT COUNT(*) FROM claim WHERE programme_id = ?1 AND state = ?2

-- name: changxing_orders mode: read
SELECT COUNT(*) FROM service_order WHERE programme_id = ?1 AND state = ?2

-- name: changxing_applications mode: read
SELECT COUNT(*) FROM application WHERE programme_id = ?1 AND state = ?2
