-- Inspections and credit.

-- name: inspection_picks mode: read
SELECT p.id, p.org_id, p.how, p.reason FROM draw_pick p WHERE p.draw_id = ?1 AND p.state = 'open'
  AND NOT EXISTS (SELECT 1 FROM inspection i WHERE i.pick_id = p.id AND i.pick_id <> 0 AND i.state <> 'cancelled')
ORDER BY p.place, p.id

-- Drawn inspectors whose role has not ended meanwhile: ?2 programme, ?3 day.
-- name: inspection_drawn mode: read
SELECT d.person_id FROM draw_inspector d WHERE d.draw_id = ?1 AND EXISTS (
    SELECT 1 FROM user_account u JOIN role_grant g ON g.user_id = u.id
    WHERE u.person_id = d.person_id AND u.state = 'open' AND g.role = 'inspector' AND g.state = 'active'
      AND (g.programme_id = ?2 OR g.programme_id = 0) AND g.from_day <= ?3 AND (g.to_day = 0 OR g.to_day >= ?3))
ORDER BY d.id

-- name: inspection_conflicts mode: read
SELECT COUNT(*) FROM inspection_conflict WHERE person_id = ?1 AND org_id = ?2

-- Was the person kept out of the lots of the inspectors in the draw of this pick?
-- name: inspection_kept_out mode: read
SELECT COUNT(*) FROM draw_pick p JOIN draw_candidate k ON k.draw_id = p.draw_id
WHERE p.id = ?1 AND k.person_id = ?2 AND k.conflict <> ''

-- Person of a log-in that may inspect on the day.
-- name: inspection_inspector mode: read
SELECT u.person_id FROM user_account u JOIN role_grant g ON g.user_id = u.id
WHERE u.id = ?1 AND u.state = 'open' AND g.role = 'inspector' AND g.state = 'active'
  AND (g.programme_id = ?2 OR g.programme_id = 0) AND g.from_day <= ?3 AND (g.to_day = 0 OR g.to_day >= ?3)
LIMIT 1

-- name: inspection_tasks mode: read
SELECT COUNT(*) FROM inspection WHERE org_id = ?1 AND (first_id = ?2 OR second_id = ?2)
  AND state IN ('assigned', 'visited', 'signed', 'replied') AND programme_id = ?3

-- name: inspection_lines mode: read
SELECT id, n, finding, answer, note FROM inspection_line WHERE inspection_id = ?1 ORDER BY n

-- What the firm ?2 holds in the programme ?1, and what its orders bring.
-- name: inspection_kinds mode: read
SELECT DISTINCT k.code FROM voucher v JOIN voucher_kind k ON k.id = v.kind_id
WHERE v.programme_id = ?1 AND v.holder_id = ?2 ORDER BY k.code LIMIT ?3

-- name: inspection_items mode: read
SELECT DISTINCT o.outcome_kind FROM service_order o
WHERE o.programme_id = ?1 AND o.holder_id = ?2 AND o.outcome_kind <> '' AND o.state <> 'draft'
ORDER BY o.outcome_kind LIMIT ?3

-- name: inspection_clean_since mode: read
SELECT COUNT(*) FROM inspection WHERE programme_id = ?1 AND org_id = ?2 AND state IN ('closed', 'published')
  AND result = 'none' AND visited_day >= ?3

-- Classes of findings whose points count on the day ?3.
-- name: credit_findings mode: read
SELECT DISTINCT cause FROM credit_entry WHERE programme_id = ?1 AND org_id = ?2 AND inspection_id > 0
  AND state IN ('active', 'contested') AND day <= ?3 AND (expires_day = 0 OR expires_day > ?3)

-- name: credit_entries mode: read
SELECT points, day, expires_day, state FROM credit_entry WHERE programme_id = ?1 AND org_id = ?2
