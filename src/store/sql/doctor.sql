-- What `doctor` asks: sums that are 0 in a sound ledger, and how old things are.

-- name: doctor_legs mode: read
SELECT CAST(COALESCE(SUM(amount), 0) AS INTEGER) FROM leg

-- name: doctor_balances mode: read
SELECT CAST(COALESCE(SUM(amount), 0) AS INTEGER) FROM balance

-- name: doctor_last_event mode: read
SELECT COALESCE(MAX(at_us), 0) FROM event WHERE id > (SELECT COALESCE(MAX(id), 0) - 1000 FROM event)

-- name: doctor_jobs_failed mode: read
SELECT COUNT(*) FROM job WHERE state = 'failed' AND ended_us > ?1
