-- What the store itself needs, and what belongs to no story: leases, blobs.

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
