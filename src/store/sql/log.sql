-- Proofs of the log: inner nodes, the index of rows, the copy of the checkpoints.

-- name: log_node_next mode: read
SELECT COALESCE(MAX(n) + 1, 0) FROM log_node WHERE height = ?1

-- name: log_node_put mode: write
INSERT INTO log_node(height, n, sha256, sm3) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (height, n) DO NOTHING

-- name: log_node_page mode: read
SELECT n, sha256, sm3 FROM log_node WHERE height = ?1 AND n >= ?2 ORDER BY n LIMIT ?3

-- name: log_point_put mode: write
INSERT INTO log_point(id, at_us, sha256, sm3, line) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING

-- name: log_point_count mode: read
SELECT COUNT(*) FROM log_point

-- The smallest signed tree that has the leaf; and the one of exactly a size.
-- name: log_point_over mode: read
SELECT id, line FROM log_point WHERE id >= ?1 ORDER BY id LIMIT 1

-- name: log_point_last mode: read
SELECT COALESCE(MAX(id), 0) FROM log_point

-- name: log_point_page mode: read
SELECT id, at_us, sha256, sm3, line FROM log_point WHERE id > ?1 ORDER BY id LIMIT ?2

-- name: log_event mode: read
SELECT body FROM event WHERE seq = ?1 AND seq <> 0

-- name: log_done_get mode: read
SELECT seq FROM log_done WHERE id = 1

-- name: log_done_turn mode: write
SELECT seq FROM log_done WHERE id = 1
-- pg: FOR UPDATE

-- name: log_done_set mode: write
UPDATE log_done SET seq = ?1 WHERE id = 1

-- name: log_row_put mode: write
INSERT INTO log_row(tab, row_id, seq) VALUES (?1, ?2, ?3) ON CONFLICT (tab, row_id, seq) DO NOTHING

-- name: log_row_seqs mode: read
SELECT seq FROM log_row WHERE tab = ?1 AND row_id = ?2 AND seq <= ?3 ORDER BY seq

-- name: log_row_all mode: read
SELECT tab, row_id, seq FROM log_row

-- Rows that belong to a row (domain/case_rows.h) and may have come by events of their own.
-- name: case_parts mode: read
SELECT tab, id FROM (
    SELECT 'evidence' AS tab, id FROM evidence WHERE subject = ?1 AND subject_id = ?2
    UNION ALL SELECT 'act', id FROM act WHERE subject = ?1 AND subject_id = ?2
    UNION ALL SELECT 'decision', id FROM decision WHERE subject = ?1 AND subject_id = ?2
    UNION ALL SELECT 'signal', id FROM signal WHERE subject = ?1 AND subject_id = ?2
    UNION ALL SELECT 'objection', id FROM objection WHERE ?1 = 'claim' AND claim_id = ?2
    UNION ALL SELECT 'register_line', id FROM register_line WHERE ?1 = 'claim' AND claim_id = ?2
    UNION ALL SELECT 'publication_line', id FROM publication_line WHERE ?1 = 'claim' AND claim_id = ?2
    UNION ALL SELECT 'batch_line', id FROM batch_line WHERE ?1 = 'claim' AND claim_id = ?2
    UNION ALL SELECT 'bank_line', id FROM bank_line WHERE ?1 = 'batch_line' AND line_id = ?2
    UNION ALL SELECT 'inspection_line', id FROM inspection_line WHERE ?1 = 'inspection' AND inspection_id = ?2
    UNION ALL SELECT 'recovery', id FROM recovery WHERE ?1 = 'violation_case' AND case_id = ?2
    UNION ALL SELECT 'recovery_instalment', id FROM recovery_instalment WHERE ?1 = 'recovery' AND recovery_id = ?2
    UNION ALL SELECT 'ban', id FROM ban WHERE ?1 = 'violation_case' AND case_id = ?2
    UNION ALL SELECT 'ban_repair', id FROM ban_repair WHERE ?1 = 'ban' AND ban_id = ?2) AS parts
ORDER BY tab, id LIMIT ?3
