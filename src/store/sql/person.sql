-- People, log-ins, roles, delegations.

-- name: user_login_taken mode: read
SELECT id FROM user_account WHERE login = ?1 AND login <> ''

-- name: user_by_login mode: read
SELECT id, person_id FROM user_account WHERE login = ?1 AND login <> '' AND state = 'open'

-- name: person_open_users mode: read
SELECT COUNT(*) FROM user_account WHERE person_id = ?1 AND state = 'open'

-- Another administrator's role of the same person: ?2 ?3 the other two of sysadmin, secadmin, auditor.
-- Held, proposed, or lent to the person; also what begins later.
-- name: person_roles mode: read
SELECT g.role FROM role_grant g JOIN user_account u ON u.id = g.user_id
WHERE u.person_id = ?1 AND (g.state = 'active' OR g.state = 'proposed') AND (g.to_day = 0 OR g.to_day >= ?2)
UNION SELECT d.role FROM delegation d JOIN user_account u ON u.id = d.to_user_id
WHERE u.person_id = ?1 AND d.state = 'active' AND d.to_day >= ?2

-- name: grant_twin mode: read
SELECT COUNT(*) FROM role_grant
WHERE user_id = ?1 AND role = ?2 AND programme_id = ?3 AND org_id = ?4
  AND (state = 'active' OR state = 'proposed') AND (to_day = 0 OR to_day >= ?5)

-- name: grants_open_of_user mode: read
SELECT id, role, programme_id, org_id, to_day, state, from_day FROM role_grant
WHERE user_id = ?1 AND (state = 'active' OR state = 'proposed') ORDER BY id

-- name: delegations_open_of_user mode: read
SELECT id FROM delegation WHERE (from_user_id = ?1 OR to_user_id = ?1) AND state = 'active' ORDER BY id

-- The widest limit among those in force; 0 = none stands for the widest of all.
-- name: delegation_limit mode: read
SELECT CASE WHEN MIN(limit_fen) = 0 THEN 0 ELSE MAX(limit_fen) END FROM delegation
WHERE from_user_id = ?1 AND to_user_id = ?2 AND role = ?3 AND (programme_id = 0 OR programme_id = ?4)
  AND state = 'active' AND from_day <= ?5 AND to_day >= ?5
GROUP BY to_user_id

-- Erasing is deleting: ?1 is the beginning of the person's row in a private body. Not LIKE, to which the
-- engines give different letters and `_` is any of them.
-- name: private_body_of mode: read
SELECT salt, body FROM private_body WHERE replace(body, ?1, '') <> body ORDER BY event_id

-- name: private_body_erase mode: write
DELETE FROM private_body WHERE replace(body, ?1, '') <> body
