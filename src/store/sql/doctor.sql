-- What `doctor` and /metrics ask: sums that are 0 in a sound ledger, and how old things are.

-- name: doctor_legs mode: read
SELECT CAST(COALESCE(SUM(amount), 0) AS INTEGER) FROM leg

-- name: doctor_balances mode: read
SELECT CAST(COALESCE(SUM(amount), 0) AS INTEGER) FROM balance

-- name: doctor_last_event mode: read
SELECT COALESCE(MAX(at_us), 0) FROM event WHERE id > (SELECT COALESCE(MAX(id), 0) - 1000 FROM event)

-- Whose roles are apart (domain/roles.h): held today, by person.
-- name: doctor_roles mode: read
SELECT u.person_id, g.role FROM role_grant g JOIN user_account u ON u.id = g.user_id
WHERE g.state = 'active' AND (g.to_day = 0 OR g.to_day >= ?1)
UNION SELECT u.person_id, d.role FROM delegation d JOIN user_account u ON u.id = d.to_user_id
WHERE d.state = 'active' AND d.to_day >= ?1
ORDER BY 1, 2

-- name: doctor_jobs_failed mode: read
SELECT COUNT(*) FROM job WHERE state = 'failed' AND ended_us > ?1

-- name: measure_last_event mode: read
SELECT COALESCE(MAX(id), 0) FROM event

-- name: measure_jobs mode: read
SELECT state, COUNT(*) FROM job GROUP BY state ORDER BY state

-- name: measure_evidence mode: read
SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS INTEGER) FROM evidence

-- name: measure_db_bytes mode: read engine: sqlite
SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())

-- name: measure_db_bytes mode: read engine: pg
SELECT pg_database_size(current_database())
