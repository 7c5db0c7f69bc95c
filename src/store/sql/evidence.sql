-- Evidence as it is read: files of an object, who opened them, and pages that were drawn from them.

-- name: evidence_list mode: read
SELECT id, kind, name, class, sha256, bytes, extracted, typed FROM evidence
WHERE subject = ?1 AND subject_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4

-- name: file_access_add mode: write engine: sqlite
INSERT INTO access_log(id, at_us, programme_id, user_id, person_id, for_user_id, role, subject, subject_id, what, page)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM access_log

-- name: file_access_add mode: write engine: pg
INSERT INTO access_log(id, at_us, programme_id, user_id, person_id, for_user_id, role, subject, subject_id, what, page)
VALUES (nextval('access_log_id'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)

-- name: file_access_list mode: read
SELECT id, at_us, user_id, person_id, for_user_id, role, what, page FROM access_log
WHERE subject = ?1 AND subject_id = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4

-- name: page_image_file mode: read
SELECT pages, more, reason FROM page_image WHERE sha256 = ?1 AND dpi = ?2 AND page = 0

-- name: page_image_file_add mode: write
INSERT INTO page_image(sha256, dpi, page, pages, more, reason, at_us) VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6)
ON CONFLICT (sha256, dpi, page) DO NOTHING

-- name: page_image_add mode: write
INSERT INTO page_image(sha256, dpi, page, png_sha256, bytes, at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (sha256, dpi, page) DO NOTHING

-- name: page_image_get mode: read
SELECT png_sha256 FROM page_image WHERE sha256 = ?1 AND dpi = ?2 AND page = ?3 AND page > 0

-- name: page_image_hashes mode: read
SELECT png_sha256 FROM page_image WHERE page > 0 AND png_sha256 > ?1 ORDER BY png_sha256 LIMIT ?2
