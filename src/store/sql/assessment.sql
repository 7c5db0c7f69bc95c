-- What townships and parks are measured by (P-32). Money is read from legs, as in every report.

-- name: assessment_of_year mode: read
SELECT id FROM assessment WHERE programme_id = ?1 AND year = ?2 AND state <> 'withdrawn'

-- Firms and teams that were recognised on the day; ?2: how the division of the programme begins.
-- name: assessment_recognised mode: read
SELECT DISTINCT f.org_id FROM org_fact f JOIN organisation o ON o.id = f.org_id
WHERE f.kind = 'recognition' AND f.from_day <= ?1 AND (f.to_day = 0 OR f.to_day >= ?1)
  AND o.kind IN ('enterprise', 'team') AND substr(o.region, 1, length(?2)) = ?2
ORDER BY f.org_id

-- name: assessment_places mode: read
SELECT org_id, kind, value, from_day, to_day FROM org_fact WHERE kind IN ('place', 'assessment_unit')
ORDER BY org_id, id

-- name: assessment_organisations mode: read
SELECT id, kind, CASE WHEN unit_id <> 0 THEN unit_id ELSE place_id END, successor_id FROM organisation
WHERE kind IN ('enterprise', 'team', 'township', 'park') ORDER BY id

-- name: assessment_firms mode: read
SELECT org_id FROM assessment_firm WHERE assessment_id = ?1 AND state = 'listed' ORDER BY org_id

-- name: assessment_firm_of mode: read
SELECT id, unit_id FROM assessment_firm WHERE assessment_id = ?1 AND org_id = ?2

-- name: assessment_contests_open mode: read
SELECT COUNT(*) FROM assessment_contest WHERE assessment_id = ?1 AND state = 'open'

-- name: assessment_contest_same mode: read
SELECT COUNT(*) FROM assessment_contest WHERE assessment_id = ?1 AND org_id = ?2 AND unit_id = ?3 AND state = 'open'

-- The last column: did the voucher come to its holder from a firm that went into it? Then whose it was is asked of
-- the event that issued it.
-- name: assessment_issued mode: read
SELECT v.holder_id, e.at_us, l.amount, v.id,
       (SELECT COUNT(*) FROM organisation p WHERE p.successor_id = v.holder_id AND p.successor_id <> 0)
FROM leg l JOIN event e ON e.id = l.event_id JOIN voucher v ON v.id = l.voucher_id
WHERE l.programme_id = ?1 AND l.account = 'voucher' AND l.amount > 0 AND e.at_us >= ?2 AND e.at_us < ?3
  AND e.kind IN ('voucher_issue', 'voucher_top_up')

-- name: assessment_issue_event mode: read
SELECT e.body FROM leg l JOIN event e ON e.id = l.event_id
WHERE l.voucher_id = ?1 AND e.kind = 'voucher_issue' ORDER BY e.id LIMIT 1

-- What the bank sent back counts against the day on which it was paid: the firm may have moved in between.
-- name: assessment_redeemed mode: read
SELECT COALESCE(c.holder_id, v.holder_id), CASE WHEN l.amount > 0 THEN e.at_us ELSE COALESCE((
           SELECT MAX(g.at_us) FROM leg k JOIN event g ON g.id = k.event_id
           WHERE k.voucher_id = l.voucher_id AND k.claim_id = l.claim_id AND k.account = 'paid' AND k.amount > 0
             AND g.at_us <= e.at_us), e.at_us) END,
       l.amount, COALESCE(o.agreed_day, 0) FROM leg l JOIN event e ON e.id = l.event_id
JOIN voucher v ON v.id = l.voucher_id LEFT JOIN service_order o ON o.id = l.order_id
LEFT JOIN claim c ON c.id = l.claim_id AND l.claim_id <> 0
WHERE l.programme_id = ?1 AND l.account = 'paid' AND e.at_us >= ?2 AND e.at_us < ?3
  AND e.kind IN ('bank_result', 'bank_line_settle', 'recovery_set_off')

-- name: assessment_orders mode: read
SELECT holder_id, agreed_day, confirmed_day, region, contract_fen FROM service_order
WHERE programme_id = ?1 AND state = 'confirmed' AND confirmed_day >= ?2 AND confirmed_day <= ?3

-- name: assessment_holders mode: read
SELECT DISTINCT holder_id FROM voucher WHERE programme_id = ?1 AND issued_day <= ?3 AND use_by_day >= ?2

-- Of them those that came to their holder from a firm that went into it.
-- name: assessment_passed_on mode: read
SELECT v.id FROM voucher v WHERE v.programme_id = ?1 AND v.issued_day <= ?3 AND v.use_by_day >= ?2
  AND EXISTS (SELECT 1 FROM organisation p WHERE p.successor_id = v.holder_id AND p.successor_id <> 0) ORDER BY v.id

-- name: assessment_violators mode: read
SELECT DISTINCT c.org_id FROM violation_case c JOIN decision d ON d.id = c.decision_id
WHERE c.programme_id = ?1 AND c.state IN ('decided', 'appealed', 'upheld', 'enforced', 'closed')
  AND d.day >= ?2 AND d.day <= ?3

-- What inspections of the year found; not what was annulled on appeal.
-- name: assessment_findings mode: read
SELECT DISTINCT i.org_id, i.result FROM inspection i
WHERE i.programme_id = ?1 AND i.visited_day >= ?2 AND i.visited_day <= ?3 AND i.state IN ('closed', 'published')
  AND NOT EXISTS (SELECT 1 FROM credit_entry e WHERE e.inspection_id = i.id AND e.state = 'annulled')

-- What whoever recomputes the score is given: the frozen rows, unit by unit.
-- name: assessment_export_rows mode: read
SELECT s.unit_id, r.org_id, o.credit_code, r.then_id, r.listed, r.vouchers, r.paid, r.violation, r.issued_fen,
       r.redeemed_fen, r.contract_fen, r.orders, r.cross_orders
FROM assessment_row r JOIN assessment_score s ON s.id = r.score_id JOIN assessment a ON a.id = s.assessment_id
JOIN organisation o ON o.id = r.org_id
WHERE s.assessment_id = ?1 AND s.round = a.round AND (s.unit_id = ?2 OR ?2 = 0)
ORDER BY s.unit_id, r.org_id, r.then_id

-- name: assessment_export_figures mode: read
SELECT s.unit_id, u.name, s.place, s.points_bp, s.firms, f.measure, f.unit, f.part, f.whole, f.value, f.target,
       f.weight_bp, f.achieved_bp, f.points_bp
FROM assessment_figure f JOIN assessment_score s ON s.id = f.score_id JOIN assessment a ON a.id = s.assessment_id
JOIN organisation u ON u.id = s.unit_id
WHERE s.assessment_id = ?1 AND s.round = a.round AND (s.unit_id = ?2 OR ?2 = 0)
ORDER BY s.unit_id, f.id

-- name: assessment_export_removed mode: read
SELECT f.unit_id, f.org_id, o.credit_code, f.cause FROM assessment_firm f JOIN organisation o ON o.id = f.org_id
WHERE f.assessment_id = ?1 AND f.state = 'removed' AND (f.unit_id = ?2 OR ?2 = 0) ORDER BY f.unit_id, f.org_id
