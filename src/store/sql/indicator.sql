-- Indicators of a period (P-09): each a part and a whole. ?1 programme, ?2 and ?3 first and last day, or for
-- what is read from the log the first instant and the instant after the last.

-- name: indicator_redemption mode: read
SELECT CAST(COALESCE(SUM(CASE WHEN l.account = 'paid' THEN l.amount ELSE 0 END), 0) AS BIGINT),
       CAST(COALESCE(SUM(CASE WHEN l.account = 'voucher' THEN l.amount ELSE 0 END), 0) AS BIGINT)
FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.programme_id = ?1 AND e.at_us >= ?2 AND e.at_us < ?3
  AND ((l.account = 'paid' AND e.kind IN ('bank_result', 'bank_line_settle', 'recovery_set_off'))
       OR (l.account = 'voucher' AND l.amount > 0 AND e.kind IN ('voucher_issue', 'voucher_top_up')))

-- name: indicator_own_money mode: read
SELECT CAST(COALESCE(SUM(contract_fen - voucher_fen), 0) AS BIGINT), CAST(COALESCE(SUM(contract_fen), 0) AS BIGINT)
FROM service_order WHERE programme_id = ?1 AND state = 'confirmed' AND confirmed_day >= ?2 AND confirmed_day <= ?3

-- Of those that may take orders at the end of the period.
-- name: indicator_active_institutions mode: read
SELECT (SELECT COUNT(DISTINCT o.institution_id) FROM service_order o
        WHERE o.programme_id = ?1 AND o.state = 'confirmed' AND o.confirmed_day >= ?2 AND o.confirmed_day <= ?3),
       (SELECT COUNT(*) FROM organisation i WHERE i.kind = 'institution' AND i.state = 'active'
        AND NOT EXISTS (SELECT 1 FROM delisting d WHERE d.org_id = i.id AND d.programme_id = ?1 AND d.from_day <= ?3
            AND (d.lifted_day = 0 OR d.lifted_day > ?3)))

-- name: indicator_cross_region mode: read
SELECT COALESCE(SUM(CASE WHEN substr(o.region, 1, length(p.stem)) <> p.stem THEN 1 ELSE 0 END), 0), COUNT(*)
FROM service_order o JOIN (SELECT id, CASE WHEN division LIKE '%0000' THEN substr(division, 1, 2)
        WHEN division LIKE '%00' THEN substr(division, 1, 4) ELSE division END AS stem FROM programme) p
    ON p.id = o.programme_id
WHERE o.programme_id = ?1 AND o.state = 'confirmed' AND o.confirmed_day >= ?2 AND o.confirmed_day <= ?3

-- name: indicator_on_time mode: read
SELECT COALESCE(SUM(CASE WHEN delivered_day <= end_day THEN 1 ELSE 0 END), 0), COUNT(*)
FROM service_order WHERE programme_id = ?1 AND end_day > 0 AND delivered_day >= ?2 AND delivered_day <= ?3

-- name: indicator_disputes mode: read
SELECT COALESCE(SUM(CASE WHEN kind = 'order_dispute' THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN kind = 'order_deliver' THEN 1 ELSE 0 END), 0)
FROM event WHERE programme_id = ?1 AND at_us >= ?2 AND at_us < ?3 AND kind IN ('order_dispute', 'order_deliver')

-- name: indicator_repeat_use mode: read
SELECT COALESCE(SUM(CASE WHEN n > 1 THEN 1 ELSE 0 END), 0), COUNT(*)
FROM (SELECT holder_id, COUNT(*) AS n FROM service_order
      WHERE programme_id = ?1 AND state = 'confirmed' AND confirmed_day >= ?2 AND confirmed_day <= ?3
      GROUP BY holder_id) h

-- name: indicator_answer_days mode: read
SELECT CAST(COALESCE(SUM(agreed_day - made_day), 0) AS BIGINT), COUNT(*)
FROM service_order WHERE programme_id = ?1 AND agreed_day >= ?2 AND agreed_day <= ?3 AND made_day > 0

-- name: indicator_payment_days mode: read
SELECT CAST(COALESCE(SUM(l.result_day - c.filed_day), 0) AS BIGINT), COUNT(*)
FROM batch_line l JOIN claim c ON c.id = l.claim_id
WHERE c.programme_id = ?1 AND l.state = 'paid' AND l.result_day >= ?2 AND l.result_day <= ?3
