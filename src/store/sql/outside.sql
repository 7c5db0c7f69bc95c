-- Accounts at outside providers. A subject comes in as a keyed hash.

-- Whose log-in the subject opens, where that is open.
-- name: outside_link_find mode: read
SELECT l.id, l.user_id FROM outside_link l JOIN user_account u ON u.id = l.user_id AND u.state = 'open'
WHERE l.subject = ?1

-- name: outside_link_add mode: write engine: sqlite
INSERT INTO outside_link(id, provider, subject, user_id, made_us)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, ?3, ?4 FROM outside_link RETURNING id

-- name: outside_link_add mode: write engine: pg
INSERT INTO outside_link(id, provider, subject, user_id, made_us)
VALUES (nextval('outside_link_id'), ?1, ?2, ?3, ?4) RETURNING id

-- Links of the subject, and of the user at the provider.
-- name: outside_link_taken mode: read
SELECT (SELECT COUNT(*) FROM outside_link WHERE subject = ?1),
    (SELECT COUNT(*) FROM outside_link WHERE user_id = ?2 AND provider = ?3)

-- name: outside_link_used mode: write
UPDATE outside_link SET used_us = ?2 WHERE id = ?1

-- name: outside_link_get mode: read
SELECT user_id, provider FROM outside_link WHERE id = ?1

-- name: outside_link_end mode: write
DELETE FROM outside_link WHERE id = ?1

-- name: outside_link_end_of_user mode: write
DELETE FROM outside_link WHERE user_id = ?1

-- name: outside_link_list mode: read
SELECT id, provider, made_us, used_us FROM outside_link WHERE user_id = ?1 ORDER BY id LIMIT ?2

-- Does the log-in belong to an organisation that takes part, or to the staff?
-- name: outside_people mode: read
SELECT COUNT(*) FROM user_account u JOIN organisation o ON o.id = u.org_id
WHERE u.id = ?1 AND o.kind IN ('enterprise', 'team', 'institution', 'platform')

-- The first of two that bring the same visit; the other changes no row.
-- name: outside_visit_add mode: write
INSERT INTO outside_visit(visit_sha256, provider, people, subject, user_id, ends_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (visit_sha256) DO NOTHING

-- name: outside_visit_get mode: read
SELECT provider, people, subject, user_id FROM outside_visit
WHERE visit_sha256 = ?1 AND ends_us > ?2 AND (subject <> '' OR user_id <> 0)
-- pg: FOR UPDATE

-- What is looked at only, without a lock.
-- name: outside_visit_look mode: read
SELECT provider, user_id FROM outside_visit
WHERE visit_sha256 = ?1 AND ends_us > ?2 AND (subject <> '' OR user_id <> 0)

-- name: outside_visit_spend mode: write
UPDATE outside_visit SET subject = '', user_id = 0 WHERE visit_sha256 = ?1 AND (subject <> '' OR user_id <> 0)

-- name: outside_visit_sweep mode: write
DELETE FROM outside_visit WHERE ends_us <= ?1

-- name: outside_visit_forget mode: write
DELETE FROM outside_visit
