-- Log-in: passwords, second factors, failures, sessions, tokens. Secrets come in hashed or sealed.

-- name: credential_of_login mode: read
SELECT u.id, u.person_id, COALESCE(c.password_hash, ''), COALESCE(c.changed_us, 0) FROM user_account u
LEFT JOIN credential c ON c.user_id = u.id WHERE u.login = ?1 AND u.login <> '' AND u.state = 'open'

-- name: credential_of_user mode: read
SELECT u.login, u.person_id, COALESCE(c.password_hash, ''), COALESCE(c.changed_us, 0), COALESCE(c.must_change, 0),
    COALESCE(c.factor_free, 0), COALESCE(c.last_us, 0)
FROM user_account u LEFT JOIN credential c ON c.user_id = u.id WHERE u.id = ?1 AND u.state = 'open'

-- name: credential_put mode: write
INSERT INTO credential(user_id, password_hash, changed_us, must_change) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_us = excluded.changed_us,
    must_change = excluded.must_change, factor_free = 0

-- Demonstration only: open users without a password, none of whom is asked for a second factor.
-- name: credential_demo mode: write
INSERT INTO credential(user_id, password_hash, changed_us, factor_free)
SELECT u.id, ?1, ?2, 1 FROM user_account u
WHERE u.state = 'open' AND NOT EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)

-- name: programmes_not_demo mode: read
SELECT COUNT(*) FROM programme WHERE name_zh NOT LIKE '%演示%'

-- name: credential_seen mode: write
UPDATE credential SET last_us = ?2 WHERE user_id = ?1

-- name: credential_count mode: read
SELECT COUNT(*) FROM credential

-- name: credential_drop mode: write
DELETE FROM credential WHERE user_id = ?1

-- name: login_failure_get mode: read
SELECT failures, until_us FROM login_failure WHERE subject = ?1
-- pg: FOR UPDATE

-- Counts on from the last failure, or from 1 where that lies before ?3.
-- name: login_failure_add mode: write
INSERT INTO login_failure(subject, failures, last_us, until_us) VALUES (?1, 1, ?2, 0)
ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN login_failure.last_us < ?3 THEN 1
    ELSE login_failure.failures + 1 END, last_us = excluded.last_us
RETURNING failures

-- name: login_failure_until mode: write
UPDATE login_failure SET until_us = ?2 WHERE subject = ?1

-- name: login_failure_clear mode: write
DELETE FROM login_failure WHERE subject = ?1

-- name: login_failure_sweep mode: write
DELETE FROM login_failure WHERE last_us < ?1 AND until_us < ?1

-- name: password_link_put mode: write
INSERT INTO password_link(token_sha256, user_id, maker_id, ends_us) VALUES (?1, ?2, ?3, ?4)

-- name: password_link_get mode: read
SELECT l.user_id, u.person_id, u.login FROM password_link l
JOIN user_account u ON u.id = l.user_id AND u.state = 'open' WHERE l.token_sha256 = ?1 AND l.ends_us > ?2

-- name: password_link_take mode: write
DELETE FROM password_link WHERE token_sha256 = ?1 AND ends_us > ?2

-- name: password_link_end_of_user mode: write
DELETE FROM password_link WHERE user_id = ?1

-- name: password_link_sweep mode: write
DELETE FROM password_link WHERE ends_us < ?1

-- name: factor_get mode: read
SELECT sealed, last_step FROM factor WHERE user_id = ?1 AND active = ?2
-- pg: FOR UPDATE

-- name: factor_put mode: write
INSERT INTO factor(user_id, active, sealed, last_step) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (user_id, active) DO UPDATE SET sealed = excluded.sealed, last_step = excluded.last_step

-- name: factor_drop mode: write
DELETE FROM factor WHERE user_id = ?1 AND active = ?2

-- A step counts once: it changes no row where it was used, or one after it.
-- name: factor_step mode: write
UPDATE factor SET last_step = ?2 WHERE user_id = ?1 AND active = 1 AND last_step < ?2

-- name: printed_code_put mode: write
INSERT INTO printed_code(user_id, code_sha256) VALUES (?1, ?2)

-- name: printed_code_use mode: write
UPDATE printed_code SET used_us = ?3 WHERE user_id = ?1 AND code_sha256 = ?2 AND used_us = 0

-- name: printed_code_drop mode: write
DELETE FROM printed_code WHERE user_id = ?1

-- name: printed_code_count mode: read
SELECT COUNT(*) FROM printed_code WHERE user_id = ?1

-- The first key of two that are made at once stays.
-- name: secret_add mode: write
INSERT INTO secret(name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING

-- Has an app; codes left.
-- name: factor_state mode: read
SELECT (SELECT COUNT(*) FROM factor f WHERE f.user_id = ?1 AND f.active = 1),
    (SELECT COUNT(*) FROM printed_code q WHERE q.user_id = ?1 AND q.used_us = 0)

-- name: session_put mode: write
INSERT INTO session(token_sha256, user_id, csrf, began_us, seen_us, ends_us, factor_shown)
VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)

-- ?2 now, ?3 the time before which nobody was seen who is idle.
-- name: session_get mode: read
SELECT s.user_id, u.person_id, u.org_id, u.login, COALESCE(p.name, ''), s.csrf, s.began_us, s.seen_us, s.ends_us,
    COALESCE(c.must_change, 0), COALESCE(c.factor_free, 0),
    s.factor_shown + (SELECT COUNT(*) FROM factor f WHERE f.user_id = s.user_id AND f.active = 1)
    + (SELECT COUNT(*) FROM printed_code q WHERE q.user_id = s.user_id)
FROM session s JOIN user_account u ON u.id = s.user_id AND u.state = 'open'
LEFT JOIN person_private p ON p.id = u.person_id LEFT JOIN credential c ON c.user_id = s.user_id
WHERE s.token_sha256 = ?1 AND s.ends_us > ?2 AND s.seen_us > ?3

-- name: session_touch mode: write
UPDATE session SET seen_us = ?2 WHERE token_sha256 = ?1 AND seen_us <= ?3

-- name: session_drop mode: write
DELETE FROM session WHERE token_sha256 = ?1

-- name: session_end_of_user mode: write
DELETE FROM session WHERE user_id = ?1

-- The newest ?2 of a user stay.
-- name: session_trim mode: write
DELETE FROM session WHERE user_id = ?1 AND token_sha256 NOT IN
    (SELECT t.token_sha256 FROM session t WHERE t.user_id = ?1 ORDER BY t.began_us DESC, t.token_sha256 LIMIT ?2)

-- name: session_sweep mode: write
DELETE FROM session WHERE ends_us <= ?1 OR seen_us <= ?2

-- What a user may act in on day ?2: by grant, and lent by others who hold it themselves.
-- name: roles_of_user mode: read
SELECT g.role AS r, g.programme_id AS p, g.org_id AS o, 0 AS f, g.to_day AS d, COALESCE(m.code, ''), COALESCE(n.name, '')
FROM role_grant g LEFT JOIN programme m ON m.id = g.programme_id LEFT JOIN organisation n ON n.id = g.org_id
WHERE g.user_id = ?1 AND g.state = 'active' AND g.from_day <= ?2 AND (g.to_day = 0 OR g.to_day >= ?2)
UNION
SELECT l.role, CASE WHEN l.programme_id = 0 THEN g.programme_id ELSE l.programme_id END, g.org_id, l.from_user_id,
    CASE WHEN g.to_day <> 0 AND g.to_day < l.to_day THEN g.to_day ELSE l.to_day END, COALESCE(m.code, ''),
    COALESCE(n.name, '')
FROM delegation l JOIN user_account u ON u.id = l.from_user_id AND u.state = 'open'
JOIN role_grant g ON g.user_id = l.from_user_id AND g.role = l.role AND g.state = 'active' AND g.from_day <= ?2
    AND (g.to_day = 0 OR g.to_day >= ?2)
    AND (l.programme_id = 0 OR g.programme_id = 0 OR g.programme_id = l.programme_id)
LEFT JOIN programme m ON m.id = CASE WHEN l.programme_id = 0 THEN g.programme_id ELSE l.programme_id END
LEFT JOIN organisation n ON n.id = g.org_id
WHERE l.to_user_id = ?1 AND l.state = 'active' AND l.from_day <= ?2 AND l.to_day >= ?2
ORDER BY r, p, o, f, d

-- name: token_add mode: write engine: sqlite
INSERT INTO api_token(id, token_sha256, user_id, name, roles, read_only, made_day, to_day)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM api_token RETURNING id

-- name: token_add mode: write engine: pg
INSERT INTO api_token(id, token_sha256, user_id, name, roles, read_only, made_day, to_day)
VALUES (nextval('api_token_id'), ?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id

-- name: token_get mode: read
SELECT t.user_id, u.person_id, u.org_id, u.login, COALESCE(p.name, ''), t.id, t.roles, t.read_only, t.used_day,
    COALESCE(c.must_change, 0), COALESCE(c.factor_free, 0),
    (SELECT COUNT(*) FROM factor f WHERE f.user_id = t.user_id AND f.active = 1)
    + (SELECT COUNT(*) FROM printed_code q WHERE q.user_id = t.user_id)
FROM api_token t JOIN user_account u ON u.id = t.user_id AND u.state = 'open'
LEFT JOIN person_private p ON p.id = u.person_id LEFT JOIN credential c ON c.user_id = t.user_id
WHERE t.token_sha256 = ?1 AND t.ended = 0 AND t.to_day >= ?2

-- name: token_touch mode: write
UPDATE api_token SET used_day = ?2 WHERE id = ?1 AND used_day < ?2

-- name: token_owner mode: read
SELECT user_id FROM api_token WHERE id = ?1

-- name: token_end mode: write
UPDATE api_token SET ended = 1 WHERE id = ?1 AND ended = 0

-- name: token_end_of_user mode: write
UPDATE api_token SET ended = 1 WHERE user_id = ?1 AND ended = 0

-- name: token_count mode: read
SELECT COUNT(*) FROM api_token WHERE user_id = ?1 AND ended = 0 AND to_day >= ?2

-- name: token_list mode: read
SELECT id, name, roles, read_only, made_day, to_day, used_day, ended FROM api_token
WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2

-- A restored site knows none of those who were logged in, and no link or invitation that was out.
-- name: session_forget mode: write
DELETE FROM session

-- name: password_link_forget mode: write
DELETE FROM password_link

-- name: invitation_forget mode: write
UPDATE invitation SET state = 'ended' WHERE state = 'open'

-- name: user_open_person mode: read
SELECT person_id FROM user_account WHERE id = ?1 AND state = 'open'
