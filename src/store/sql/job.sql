-- Long work (app/job.h). A row is read in one order of columns by all: id, kind, args, state, node,
-- attempts, checkpoint, done, total, result, error, message, cancel_asked, programme_id, org_id, user_id,
-- person_id, for_user_id, role, created_us, started_us, ended_us.

-- name: job_add mode: write engine: sqlite
INSERT INTO job(id, kind, args, state, programme_id, org_id, user_id, person_id, for_user_id, role, created_us)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, 'waiting', ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM job RETURNING id

-- name: job_add mode: write engine: pg
INSERT INTO job(id, kind, args, state, programme_id, org_id, user_id, person_id, for_user_id, role, created_us)
VALUES (nextval('job_id'), ?1, ?2, 'waiting', ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id

-- name: job_get mode: read
SELECT id, kind, args, state, node, attempts, checkpoint, done, total, result, error, message, cancel_asked,
       programme_id, org_id, user_id, person_id, for_user_id, role, created_us, started_us, ended_us
FROM job WHERE id = ?1
-- pg: FOR UPDATE

-- Newest first, older than ?1; of programme ?2 and user ?3, 0 = any.
-- name: job_page mode: read
SELECT id, kind, args, state, node, attempts, checkpoint, done, total, result, error, message, cancel_asked,
       programme_id, org_id, user_id, person_id, for_user_id, role, created_us, started_us, ended_us
FROM job WHERE id < ?1 AND (programme_id = ?2 OR CAST(?2 AS INTEGER) = 0)
  AND (user_id = ?3 OR CAST(?3 AS INTEGER) = 0)
ORDER BY id DESC LIMIT ?4

-- Takes the oldest job that waits or whose node let its lease run out: ?1 now, ?2 lease, ?3 node.
-- name: job_take mode: write engine: sqlite
UPDATE job SET state = 'running', lease_until_us = ?2, node = ?3, attempts = attempts + 1,
               started_us = CASE WHEN started_us = 0 THEN ?1 ELSE started_us END
WHERE id = (SELECT id FROM job WHERE (state = 'waiting' OR state = 'running')
              AND (state = 'waiting' OR lease_until_us < ?1) ORDER BY id LIMIT 1)
RETURNING id, kind, args, state, node, attempts, checkpoint, done, total, result, error, message, cancel_asked,
          programme_id, org_id, user_id, person_id, for_user_id, role, created_us, started_us, ended_us

-- name: job_take mode: write engine: pg
UPDATE job SET state = 'running', lease_until_us = ?2, node = ?3, attempts = attempts + 1,
               started_us = CASE WHEN started_us = 0 THEN ?1 ELSE started_us END
WHERE id = (SELECT id FROM job WHERE (state = 'waiting' OR state = 'running')
              AND (state = 'waiting' OR lease_until_us < ?1) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, args, state, node, attempts, checkpoint, done, total, result, error, message, cancel_asked,
          programme_id, org_id, user_id, person_id, for_user_id, role, created_us, started_us, ended_us

-- These count only while the job is ours: node ?2, taken the ?3rd time.
-- name: job_checkpoint mode: write
UPDATE job SET checkpoint = ?4, done = ?5, total = ?6, lease_until_us = ?7
WHERE id = ?1 AND state = 'running' AND node = ?2 AND attempts = ?3 RETURNING cancel_asked

-- name: job_beat mode: write
UPDATE job SET done = ?4, total = ?5, lease_until_us = ?6
WHERE id = ?1 AND state = 'running' AND node = ?2 AND attempts = ?3 RETURNING cancel_asked

-- name: job_end mode: write
UPDATE job SET state = ?4, result = ?5, error = ?6, message = ?7, ended_us = ?8, lease_until_us = 0
WHERE id = ?1 AND state = 'running' AND node = ?2 AND attempts = ?3

-- Back to the others, as if this node had never taken it.
-- name: job_give_back mode: write
UPDATE job SET state = 'waiting', node = '', attempts = attempts - 1, lease_until_us = 0
WHERE id = ?1 AND state = 'running' AND node = ?2 AND attempts = ?3

-- name: job_cancel_waiting mode: write
UPDATE job SET state = 'cancelled', cancel_asked = 1, ended_us = ?2 WHERE id = ?1 AND state = 'waiting'

-- name: job_cancel_ask mode: write
UPDATE job SET cancel_asked = 1 WHERE id = ?1 AND state = 'running'

-- Where one process owns the folder, no other can still run what was left running.
-- name: job_orphans_free mode: write
UPDATE job SET lease_until_us = 0 WHERE state = 'running'

-- name: job_open_count mode: read
SELECT COUNT(*) FROM job WHERE kind = ?1 AND (state = 'waiting' OR state = 'running')
