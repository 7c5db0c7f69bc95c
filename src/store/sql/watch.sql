-- The report of supervision over a period: each figure is a count and an amount in minor units (0 where there is
-- none). ?1 programme, ?2 and ?3 first and last day, or of what only the log dates, the first instant and the
-- instant after the last.

-- name: watch_draws mode: read
SELECT COUNT(*), 0 FROM draw
WHERE programme_id = ?1 AND state = 'published' AND published_day >= ?2 AND published_day <= ?3

-- name: watch_drawn mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) FROM draw d JOIN draw_pick p ON p.draw_id = d.id
WHERE d.programme_id = ?1 AND d.state = 'published' AND d.published_day >= ?2 AND d.published_day <= ?3
  AND p.how <> 'risk'

-- Firms that the rule `sample` counts: paid in the days, or with a voucher in them; and those drawn of the days.
-- name: watch_sample_paid mode: read
SELECT COUNT(DISTINCT CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END), 0
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN organisation h ON h.id = c.holder_id
WHERE c.programme_id = ?1 AND l.state = 'paid' AND l.result_day BETWEEN ?2 AND ?3

-- name: watch_sample_held mode: read
SELECT COUNT(DISTINCT CASE WHEN h.successor_id <> 0 THEN h.successor_id ELSE h.id END), 0
FROM voucher v JOIN organisation h ON h.id = v.holder_id
WHERE v.programme_id = ?1 AND v.issued_day <= ?3 AND v.claim_by_day >= ?2

-- name: watch_sampled mode: read
SELECT COUNT(DISTINCT p.org_id), 0 FROM draw d JOIN draw_pick p ON p.draw_id = d.id
WHERE d.programme_id = ?1 AND d.state = 'published' AND p.how <> 'risk' AND d.from_day >= ?2 AND d.to_day <= ?3

-- name: watch_visits mode: read
SELECT COUNT(*), 0 FROM inspection WHERE programme_id = ?1 AND visited_day >= ?2 AND visited_day <= ?3

-- name: watch_findings mode: read
SELECT COUNT(*), 0 FROM inspection
WHERE programme_id = ?1 AND visited_day >= ?2 AND visited_day <= ?3 AND result NOT IN ('', 'none')

-- name: watch_credit mode: read
SELECT COUNT(*), 0 FROM credit_entry
WHERE programme_id = ?1 AND day >= ?2 AND day <= ?3 AND state NOT IN ('proposed', 'refused')

-- name: watch_signals mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM signal
WHERE programme_id = ?1 AND day >= ?2 AND day <= ?3

-- name: watch_confirmed mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM signal
WHERE programme_id = ?1 AND decided_day >= ?2 AND decided_day <= ?3 AND state = 'confirmed'

-- name: watch_opened mode: read
SELECT COUNT(*), 0 FROM violation_case WHERE programme_id = ?1 AND opened_day >= ?2 AND opened_day <= ?3

-- name: watch_decided mode: read
SELECT COUNT(*), 0 FROM decision
WHERE programme_id = ?1 AND subject = 'violation_case' AND outcome = 'decided' AND day >= ?2 AND day <= ?3

-- name: watch_dismissed mode: read
SELECT COUNT(*), 0 FROM decision
WHERE programme_id = ?1 AND subject = 'violation_case' AND outcome = 'dismissed' AND day >= ?2 AND day <= ?3

-- name: watch_bans mode: read
SELECT COUNT(*), 0 FROM ban WHERE programme_id = ?1 AND from_day >= ?2 AND from_day <= ?3 AND state <> ''

-- name: watch_delisted mode: read
SELECT COUNT(*), 0 FROM delisting WHERE programme_id = ?1 AND from_day >= ?2 AND from_day <= ?3

-- name: watch_objections mode: read
SELECT COUNT(*), 0 FROM objection WHERE programme_id = ?1 AND day >= ?2 AND day <= ?3

-- name: watch_claimed_back mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.programme_id = ?1 AND e.at_us >= ?2 AND e.at_us < ?3 AND l.account = 'owed' AND l.amount > 0
  AND e.kind = 'case_decide'

-- name: watch_recovered mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.programme_id = ?1 AND e.at_us >= ?2 AND e.at_us < ?3 AND l.account = 'recovered' AND l.amount > 0
  AND e.kind IN ('recovery_collect', 'recovery_set_off')

-- name: watch_written_off mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.programme_id = ?1 AND e.at_us >= ?2 AND e.at_us < ?3 AND l.account = 'written_off' AND l.amount > 0

-- name: watch_tips mode: read
SELECT COUNT(*), 0 FROM tip WHERE programme_id = ?1 AND received_day >= ?2 AND received_day <= ?3

-- name: watch_staff mode: read
SELECT COUNT(*), 0 FROM staff_signal s JOIN staff_look k ON k.id = s.look_id
WHERE k.programme_id = ?1 AND k.to_day >= ?2 AND k.to_day <= ?3

-- Inquiries that ran in the period, with what was read under each; whom one is about is not told (?5).
-- name: watch_inquiries mode: read
SELECT i.id, p.case_no, i.from_day, i.until_day, i.urgent, i.papers_by_day, i.papers_day, i.hold, i.state,
       (SELECT COUNT(*) FROM sealed_log s WHERE s.inquiry_id = i.id)
FROM inquiry i JOIN inquiry_private p ON p.id = i.id
WHERE i.programme_id = ?1 AND i.from_day <= ?3 AND i.until_day >= ?2
  AND (p.scope <> 'person' OR p.subject_id <> ?5)
ORDER BY i.id LIMIT ?4
