-- Marks over the logs of readings.

-- name: reading_mark_last mode: read
SELECT at_us, open_last, open_count, open_hash, sealed_last, sealed_count, sealed_hash FROM reading_mark
ORDER BY id DESC LIMIT 1

-- name: reading_marks mode: read
SELECT id, open_last, open_count, open_hash, sealed_last, sealed_count, sealed_hash FROM reading_mark
WHERE id > ?1 ORDER BY id LIMIT ?2

-- name: reading_open_last mode: read
SELECT COALESCE(MAX(id), 0) FROM access_log

-- name: reading_sealed_last mode: read
SELECT COALESCE(MAX(id), 0) FROM sealed_log

-- name: reading_open_rows mode: read
SELECT id, at_us, programme_id, user_id, person_id, for_user_id, subject_id, page, CAST(0 AS BIGINT), role, subject, what
FROM access_log WHERE id > ?1 AND id <= ?2 ORDER BY id

-- name: reading_sealed_rows mode: read
SELECT id, at_us, programme_id, user_id, person_id, for_user_id, subject_id, page, inquiry_id, role, subject, what
FROM sealed_log WHERE id > ?1 AND id <= ?2 ORDER BY id

-- Waits for whoever has a number and has not committed; only this engine has more than one writer.
-- name: readings_lock mode: write engine: sqlite
UPDATE log_done SET seq = seq WHERE id = 0

-- name: readings_lock mode: write engine: pg
LOCK TABLE access_log, sealed_log IN SHARE MODE

-- A row of a bundle, under its id; of the open log the inquiry ?12 is 0.
-- name: reading_open_put mode: write
INSERT INTO access_log(id, at_us, programme_id, user_id, person_id, for_user_id, subject_id, page, role, subject, what)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE ?12 = 0

-- name: reading_sealed_put mode: write
INSERT INTO sealed_log(id, at_us, programme_id, user_id, person_id, for_user_id, subject_id, page, role, subject, what,
    inquiry_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)

-- name: reading_open_next mode: write engine: sqlite
SELECT COALESCE(MAX(id), 0) + 1 FROM access_log

-- name: reading_open_next mode: write engine: pg
SELECT setval('access_log_id', COALESCE(MAX(id), 0) + 1, false) FROM access_log

-- name: reading_sealed_next mode: write engine: sqlite
SELECT COALESCE(MAX(id), 0) + 1 FROM sealed_log

-- name: reading_sealed_next mode: write engine: pg
SELECT setval('sealed_log_id', COALESCE(MAX(id), 0) + 1, false) FROM sealed_log
