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
