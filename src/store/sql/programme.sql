-- Programmes, calendars, outages, policy versions.

-- name: site_rows mode: read
SELECT (SELECT COUNT(*) FROM event) + (SELECT COUNT(*) FROM programme) + (SELECT COUNT(*) FROM user_account)

-- name: programme_code_taken mode: read
SELECT id FROM programme WHERE code = ?1

-- name: calendar_find mode: read
SELECT id FROM calendar_year WHERE programme_id = ?1 AND year = ?2

-- name: policy_last_version mode: read
SELECT COALESCE(MAX(version), 0) FROM policy WHERE programme_id = ?1

-- name: voucher_kind_find mode: read
SELECT id FROM voucher_kind WHERE programme_id = ?1 AND code = ?2

-- name: calls_announced mode: read
SELECT COUNT(*) FROM open_call WHERE programme_id = ?1

-- name: calls_open mode: read
SELECT COUNT(*) FROM open_call
WHERE programme_id = ?1 AND from_day <= ?2 AND to_day >= ?2 AND closed_day = 0

-- name: policy_due mode: read
SELECT id FROM policy WHERE programme_id = ?1 AND state = 'approved' AND from_day <= ?2 AND id > ?3
ORDER BY id LIMIT ?4

-- name: policy_programme mode: read
SELECT programme_id FROM policy WHERE id = ?1

-- The last decision of each claim that rules were asked for: only those keep the facts of the rules.
-- name: trial_decisions mode: read
SELECT d.id, d.policy_id, k.number, d.facts FROM decision d JOIN claim k ON k.id = d.subject_id
WHERE d.programme_id = ?1 AND d.id > ?2 AND d.subject = 'claim' AND d.steps NOT IN ('', '[]') AND d.policy_id <> 0
AND NOT EXISTS (SELECT 1 FROM decision l
    WHERE l.subject = 'claim' AND l.subject_id = d.subject_id AND l.steps NOT IN ('', '[]') AND l.id > d.id)
ORDER BY d.id LIMIT ?3

-- name: trial_count mode: read
SELECT COUNT(DISTINCT subject_id) FROM decision
WHERE programme_id = ?1 AND subject = 'claim' AND steps NOT IN ('', '[]') AND policy_id <> 0
