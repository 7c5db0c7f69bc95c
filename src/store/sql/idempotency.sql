-- Commands that may come twice: what was answered the first time (app/idempotency.h).

-- Takes the key before the work: on PostgreSQL a second try waits here for the first one's end, and takes
-- no row where that committed.
-- name: idempotency_take mode: write
INSERT INTO idempotency(actor, route, key, body_sha256, answer, at_us) VALUES (?1, ?2, ?3, ?4, '', ?5)
ON CONFLICT (actor, route, key) DO NOTHING

-- name: idempotency_get mode: read
SELECT body_sha256, answer FROM idempotency WHERE actor = ?1 AND route = ?2 AND key = ?3

-- name: idempotency_answer mode: write
UPDATE idempotency SET answer = ?4 WHERE actor = ?1 AND route = ?2 AND key = ?3

-- name: idempotency_forget mode: write
DELETE FROM idempotency WHERE (actor, route, key) IN
(SELECT actor, route, key FROM idempotency WHERE at_us < ?1 ORDER BY at_us LIMIT ?2)
