-- What the store itself needs, and what belongs to no story: leases, jobs, idempotency, blobs.

-- name: schema_steps mode: read
SELECT version, sha256 FROM schema_version ORDER BY version

-- name: schema_step_add mode: write
INSERT INTO schema_version(version, name, sha256, at_us) VALUES (?1, ?2, ?3, ?4)

-- The first lease of a process starts above every id that exists (?3), so that rows that came with
-- their ids, by import, are never met again.
-- name: id_lease_take mode: write engine: pg
INSERT INTO id_lease(table_name, next) VALUES (?1, CAST(?3 AS INTEGER) + CAST(?2 AS INTEGER))
ON CONFLICT (table_name) DO UPDATE SET next = GREATEST(id_lease.next, CAST(?3 AS INTEGER)) + CAST(?2 AS INTEGER)
RETURNING next - CAST(?2 AS INTEGER)

-- name: writes_off_get mode: read
SELECT reason, at_us FROM writes_off WHERE id = 1

-- name: writes_off_put mode: write
INSERT INTO writes_off(id, reason, at_us) VALUES (1, ?1, ?2) ON CONFLICT (id) DO NOTHING

-- name: writes_off_clear mode: write
DELETE FROM writes_off WHERE id = 1

-- name: idempotency_get mode: read
SELECT body_sha256, answer FROM idempotency WHERE actor = ?1 AND route = ?2 AND key = ?3

-- name: idempotency_put mode: write
INSERT INTO idempotency(actor, route, key, body_sha256, answer, at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: idempotency_forget mode: write
DELETE FROM idempotency WHERE at_us < ?1

-- name: job_add mode: write engine: sqlite
INSERT INTO job(id, kind, args, state, total)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, 'waiting', ?3 FROM job RETURNING id

-- name: job_add mode: write engine: pg
INSERT INTO job(id, kind, args, state, total) VALUES (nextval('job_id'), ?1, ?2, 'waiting', ?3) RETURNING id

-- name: job_get mode: read
SELECT kind, args, state, checkpoint, done, total, error FROM job WHERE id = ?1

-- name: job_list mode: read
SELECT id, kind, args, state, checkpoint, done, total, error FROM job WHERE id < ?1 ORDER BY id DESC LIMIT ?2

-- Takes the oldest job that waits or whose node let its lease run out: ?1 now, ?2 lease, ?3 node.
-- name: job_take mode: write engine: sqlite
UPDATE job SET state = 'running', lease_until_us = ?2, node = ?3
WHERE id = (SELECT id FROM job WHERE state = 'waiting' OR (state = 'running' AND lease_until_us < ?1)
            ORDER BY id LIMIT 1)
RETURNING id, kind, args, checkpoint, done, total

-- name: job_take mode: write engine: pg
UPDATE job SET state = 'running', lease_until_us = ?2, node = ?3
WHERE id = (SELECT id FROM job WHERE state = 'waiting' OR (state = 'running' AND lease_until_us < ?1)
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, args, checkpoint, done, total

-- A checkpoint counts only while the lease is ours (node ?2): it changes no row otherwise.
-- name: job_checkpoint mode: write
UPDATE job SET checkpoint = ?3, done = ?4, total = ?5, lease_until_us = ?6
WHERE id = ?1 AND state = 'running' AND node = ?2

-- name: job_end mode: write
UPDATE job SET state = ?3, error = ?4, lease_until_us = 0 WHERE id = ?1 AND state = 'running' AND node = ?2

-- name: blob_chunk_put mode: write
INSERT INTO blob_chunk(sha256, n, bytes) VALUES (?1, ?2, ?3)
ON CONFLICT (sha256, n) DO UPDATE SET bytes = excluded.bytes

-- name: blob_chunks mode: read
SELECT bytes FROM blob_chunk WHERE sha256 = ?1 ORDER BY n

-- name: blob_size mode: read
SELECT CAST(SUM(length(bytes)) AS BIGINT) FROM blob_chunk WHERE sha256 = ?1 GROUP BY sha256

-- name: blob_remove mode: write
DELETE FROM blob_chunk WHERE sha256 = ?1

-- name: blob_page mode: read
SELECT sha256, CAST(SUM(length(bytes)) AS BIGINT) FROM blob_chunk WHERE sha256 > ?1
GROUP BY sha256 ORDER BY sha256 LIMIT ?2
