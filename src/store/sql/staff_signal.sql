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

-- Reviews of the firms whose books one agency keeps (a fact of the firm on the day of the review), likewise. The
-- organisation is the firm of them with the lowest number.
-- name: staff_agency mode: read
SELECT t.person_id, MIN(c.holder_id), COUNT(DISTINCT t.subject_id),
       (SELECT COUNT(DISTINCT u.subject_id) FROM act u JOIN claim d ON d.id = u.subject_id
            JOIN org_fact g ON g.org_id = d.holder_id AND g.kind = 'account_agency' AND g.value = f.value
        WHERE u.programme_id = ?1 AND u.subject = 'claim' AND u.stage = t.stage AND u.day >= ?2 AND u.day <= ?3
          AND g.from_day <= u.day AND (g.to_day = 0 OR g.to_day >= u.day))
FROM act t JOIN claim c ON c.id = t.subject_id
    JOIN org_fact f ON f.org_id = c.holder_id AND f.kind = 'account_agency' AND f.value <> ''
WHERE t.programme_id = ?1 AND t.subject = 'claim' AND t.stage IN ('review1', 'review2') AND t.day >= ?2 AND t.day <= ?3
  AND f.from_day <= t.day AND (f.to_day = 0 OR f.to_day >= t.day)
  AND EXISTS (SELECT 1 FROM act v WHERE v.programme_id = ?1 AND v.subject = 'claim' AND v.stage = t.stage
      AND v.day >= ?2 AND v.day <= ?3 AND v.person_id <> t.person_id)
GROUP BY t.person_id, f.value, t.stage HAVING COUNT(DISTINCT t.subject_id) >= ?4
ORDER BY t.person_id, f.value LIMIT 200

-- Signals that the person cleared, and shown ones that stood open when they approved the claim, of those and the
-- others that they decided.
-- name: staff_overridden mode: read
SELECT w.person_id, 0, SUM(w.passed), COUNT(*) FROM (
    SELECT decider_id AS person_id, CASE WHEN state = 'cleared' THEN 1 ELSE 0 END AS passed FROM signal
    WHERE programme_id = ?1 AND decided_day >= ?2 AND decided_day <= ?3 AND decider_id <> 0
    UNION ALL
    SELECT t.person_id, 1 FROM act t JOIN claim c ON c.id = t.subject_id AND c.approved_fen > 0
        JOIN signal s ON s.subject = 'claim' AND s.subject_id = t.subject_id AND s.action = 'show' AND s.state = 'open'
            AND s.day <= t.day
    WHERE t.programme_id = ?1 AND t.subject = 'claim' AND t.stage = 'review2' AND t.day >= ?2 AND t.day <= ?3) AS w
GROUP BY w.person_id HAVING SUM(w.passed) >= ?4 ORDER BY w.person_id LIMIT 200

-- Visits whose inspectors the person replaced, and those with the visits given out: from instant ?2 to before ?3.
-- name: staff_reassigned mode: read
SELECT e.person_id, 0, COUNT(*), COUNT(*) + (SELECT COUNT(*) FROM event o
    WHERE o.programme_id = ?1 AND o.at_us >= ?2 AND o.at_us < ?3 AND o.kind = 'inspection_open')
FROM event e WHERE e.programme_id = ?1 AND e.at_us >= ?2 AND e.at_us < ?3 AND e.person_id <> 0
  AND e.kind IN ('inspection_staff', 'inspection_exclude')
GROUP BY e.person_id HAVING COUNT(*) >= ?4 ORDER BY e.person_id LIMIT 200

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
    'signal_decide', 'fund_book', 'case_decide', 'case_hear', 'case_uphold', 'case_dismiss', 'recovery_write_off', 'delist',
    'ban_repair_decide', 'inspection_close')
ORDER BY person_id, at_us

-- name: staff_looked mode: read
SELECT COUNT(*) FROM staff_look WHERE programme_id = ?1 AND from_day = ?2 AND to_day = ?3

-- name: staff_told mode: read
SELECT COUNT(*) FROM staff_signal
WHERE programme_id = ?1 AND kind = ?2 AND person_id = ?3 AND org_id = ?4 AND from_day = ?5 AND to_day = ?6
