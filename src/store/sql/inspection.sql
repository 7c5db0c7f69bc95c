-- Inspections and credit.

-- name: inspection_picks mode: read
SELECT p.id, p.org_id, p.how, p.reason FROM draw_pick p WHERE p.draw_id = ?1 AND p.state = 'open'
  AND NOT EXISTS (SELECT 1 FROM inspection i WHERE i.pick_id = p.id)
ORDER BY p.place, p.id

-- name: inspection_drawn mode: read
SELECT person_id FROM draw_inspector WHERE draw_id = ?1 ORDER BY id

-- name: inspection_conflicts mode: read
SELECT COUNT(*) FROM inspection_conflict WHERE person_id = ?1 AND org_id = ?2

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

-- name: inspection_clean_since mode: read
SELECT COUNT(*) FROM inspection WHERE programme_id = ?1 AND org_id = ?2 AND state IN ('closed', 'published')
  AND result = 'none' AND visited_day >= ?3

-- Classes of findings whose points count on the day ?3.
-- name: credit_findings mode: read
SELECT DISTINCT cause FROM credit_entry WHERE programme_id = ?1 AND org_id = ?2 AND inspection_id > 0
  AND state IN ('active', 'contested') AND day <= ?3 AND (expires_day = 0 OR expires_day > ?3)

-- name: credit_entries mode: read
SELECT points, day, expires_day, state FROM credit_entry WHERE programme_id = ?1 AND org_id = ?2
