-- How the staff decided in the days ?2 to ?3 of a programme: person, organisation or 0, how many, of how many.

-- Reviews of one institution by one person in one stage, of all reviews of it in that stage; only where others
-- reviewed there too: where there is one reviewer, everything is theirs.
-- name: staff_pair mode: read
SELECT t.person_id, o.institution_id, COUNT(DISTINCT t.subject_id),
       (SELECT COUNT(DISTINCT u.subject_id) FROM act u JOIN claim_line m ON m.claim_id = u.subject_id
            JOIN service_order q ON q.id = m.order_id
        WHERE u.programme_id = ?1 AND u.subject = 'claim' AND u.stage = t.stage AND u.day >= ?2 AND u.day <= ?3
          AND q.institution_id = o.institution_id)
FROM act t JOIN claim_line l ON l.claim_id = t.subject_id JOIN service_order o ON o.id = l.order_id
WHERE t.programme_id = ?1 AND t.subject = 'claim' AND t.stage IN ('review1', 'review2') AND t.day >= ?2 AND t.day <= ?3
  AND EXISTS (SELECT 1 FROM act v WHERE v.programme_id = ?1 AND v.subject = 'claim' AND v.stage = t.stage
      AND v.day >= ?2 AND v.day <= ?3 AND v.person_id <> t.person_id)
GROUP BY t.person_id, o.institution_id, t.stage HAVING COUNT(DISTINCT t.subject_id) >= ?4
ORDER BY t.person_id, o.institution_id LIMIT 200

-- Referred signals that the person cleared, of those that they decided.
-- name: staff_overridden mode: read
SELECT decider_id, 0, COUNT(CASE WHEN state = 'cleared' THEN 1 END), COUNT(*) FROM signal
WHERE programme_id = ?1 AND action = 'refer' AND decided_day >= ?2 AND decided_day <= ?3 AND decider_id <> 0
GROUP BY decider_id HAVING COUNT(CASE WHEN state = 'cleared' THEN 1 END) >= ?4 ORDER BY decider_id LIMIT 200

-- Claims approved by the person that were recovered or objected to with success, of all that they approved.
-- name: staff_undone mode: read
SELECT t.person_id, 0,
       COUNT(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM recovery r WHERE r.claim_id = t.subject_id)
           OR EXISTS (SELECT 1 FROM objection b WHERE b.claim_id = t.subject_id AND b.state = 'upheld')
           THEN t.subject_id END),
       COUNT(DISTINCT t.subject_id)
FROM act t
WHERE t.programme_id = ?1 AND t.subject = 'claim' AND t.stage = 'review2' AND t.day >= ?2 AND t.day <= ?3
GROUP BY t.person_id HAVING COUNT(DISTINCT t.subject_id) >= ?4 ORDER BY t.person_id LIMIT 200

-- When each decided, from one instant to before another; by person, so that one count is kept at a time.
-- name: staff_times mode: read
SELECT person_id, at_us FROM event
WHERE programme_id = ?1 AND at_us >= ?2 AND at_us < ?3 AND person_id <> 0
  AND kind IN ('application_approve', 'claim_check', 'claim_approve', 'claim_refuse', 'batch_lock', 'batch_release',
    'signal_decide', 'fund_book')
ORDER BY person_id, at_us

-- name: staff_looked mode: read
SELECT COUNT(*) FROM staff_look WHERE programme_id = ?1 AND from_day = ?2 AND to_day = ?3

-- name: staff_told mode: read
SELECT COUNT(*) FROM staff_signal
WHERE programme_id = ?1 AND kind = ?2 AND person_id = ?3 AND org_id = ?4 AND from_day = ?5 AND to_day = ?6
