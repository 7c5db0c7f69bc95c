-- Organisations that register themselves, and people who were invited.

-- name: registration_secret_put mode: write
INSERT INTO registration_secret(registration_id, secret_sha256, password_hash) VALUES (?1, ?2, ?3)

-- name: registration_secret_get mode: read
SELECT secret_sha256, password_hash FROM registration_secret WHERE registration_id = ?1

-- name: registration_password_drop mode: write
UPDATE registration_secret SET password_hash = '' WHERE registration_id = ?1

-- name: registration_login_waits mode: read
SELECT COUNT(*) FROM registration WHERE login = ?1 AND state = 'filed'

-- People who may decide for the organisation: its agents on day ?2.
-- name: org_agents mode: read
SELECT COUNT(*) FROM role_grant g JOIN user_account u ON u.id = g.user_id AND u.state = 'open'
WHERE g.org_id = ?1 AND g.org_id <> 0 AND (g.role = 'firm_agent' OR g.role = 'inst_agent') AND g.state = 'active'
  AND g.from_day <= ?2 AND (g.to_day = 0 OR g.to_day >= ?2)

-- ?1 below this id, ?2 state or '', ?3 credit code of the agent's organisation or ''.
-- name: registration_page mode: read
SELECT id FROM registration
WHERE id < ?1 AND (?2 = '' OR state = ?2) AND (?3 = '' OR credit_code = ?3) ORDER BY id DESC LIMIT ?4

-- name: person_private_get mode: read
SELECT name, phone FROM person_private WHERE id = ?1

-- name: invitation_add mode: write engine: sqlite
INSERT INTO invitation(id, token_sha256, role, programme_id, org_id, to_day, by_user_id, by_person_id, by_role,
    by_programme_id, by_org_id, state, ends_us)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'open', ?11 FROM invitation RETURNING id

-- name: invitation_add mode: write engine: pg
INSERT INTO invitation(id, token_sha256, role, programme_id, org_id, to_day, by_user_id, by_person_id, by_role,
    by_programme_id, by_org_id, state, ends_us)
VALUES (nextval('invitation_id'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'open', ?11) RETURNING id

-- name: invitation_open_count mode: read
SELECT COUNT(*) FROM invitation WHERE by_user_id = ?1 AND state = 'open' AND ends_us > ?2

-- name: invitation_by_token mode: read
SELECT i.id, i.role, i.programme_id, i.org_id, COALESCE(m.code, ''), COALESCE(n.name, ''), i.state, i.ends_us, i.to_day,
    i.by_user_id, i.by_person_id, i.by_role, i.by_programme_id, i.by_org_id
FROM invitation i LEFT JOIN programme m ON m.id = i.programme_id LEFT JOIN organisation n ON n.id = i.org_id
WHERE i.token_sha256 = ?1 AND i.state = 'open' AND i.ends_us > ?2

-- ?1 of this inviter, 0 = of all.
-- name: invitation_list mode: read
SELECT i.id, i.role, i.programme_id, i.org_id, COALESCE(m.code, ''), COALESCE(n.name, ''),
    CASE WHEN i.state = 'open' AND i.ends_us <= ?3 THEN 'ended' ELSE i.state END, i.ends_us
FROM invitation i LEFT JOIN programme m ON m.id = i.programme_id LEFT JOIN organisation n ON n.id = i.org_id
WHERE ?1 = 0 OR i.by_user_id = ?1 ORDER BY i.id DESC LIMIT ?2

-- name: invitation_inviter mode: read
SELECT by_user_id FROM invitation WHERE id = ?1

-- One answer alone changes the row: the second finds it taken.
-- name: invitation_take mode: write
UPDATE invitation SET state = 'accepted', user_id = ?2 WHERE id = ?1 AND state = 'open'

-- name: invitation_end mode: write
UPDATE invitation SET state = 'ended' WHERE id = ?1 AND state = 'open' AND ends_us > ?2

-- name: invitation_end_of_user mode: write
UPDATE invitation SET state = 'ended' WHERE by_user_id = ?1 AND state = 'open'
