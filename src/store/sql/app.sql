-- What every use case asks: roles, delegations, earlier acts, bans, calendars, policies.

-- name: grant_held mode: read
SELECT COUNT(*) FROM role_grant g JOIN user_account u ON u.id = g.user_id
WHERE g.user_id = ?1 AND u.person_id = ?2 AND u.state = 'open' AND g.role = ?3 AND g.state = 'active'
  AND (g.programme_id = 0 OR g.programme_id = ?4) AND (g.org_id = 0 OR g.org_id = ?5)
  AND g.from_day <= ?6 AND (g.to_day = 0 OR g.to_day >= ?6)

-- name: delegation_held mode: read
SELECT COUNT(*) FROM delegation d
JOIN user_account f ON f.id = d.from_user_id AND f.state = 'open'
JOIN user_account t ON t.id = d.to_user_id AND t.state = 'open'
WHERE d.from_user_id = ?1 AND d.to_user_id = ?2 AND t.person_id = ?3 AND d.role = ?4
  AND (d.programme_id = 0 OR d.programme_id = ?5) AND d.state = 'active'
  AND d.from_day <= ?6 AND d.to_day >= ?6

-- name: user_person mode: read
SELECT person_id FROM user_account WHERE id = ?1

-- name: act_elsewhere mode: read
SELECT COUNT(*) FROM act
WHERE subject = ?1 AND subject_id = ?2 AND stage <> ?3 AND (person_id = ?4 OR person_id = ?5)

-- name: act_count mode: read
SELECT COUNT(*) FROM act WHERE subject = ?1 AND subject_id = ?2 AND stage = ?3 AND person_id = ?4

-- Who asks whether somebody is banned, and whoever bans them, take turns: else both could be right when
-- they asked and wrong when they are done (I18). SQLite has one writer at a time anyway. The answer is who
-- goes on for it: they are asked about too.
-- name: ban_turn mode: write
SELECT successor_id FROM organisation WHERE id = ?1
-- pg: FOR SHARE

-- name: org_successor mode: read
SELECT successor_id FROM organisation WHERE id = ?1

-- name: ban_holds mode: read
SELECT COUNT(*) FROM ban
WHERE org_id = ?1 AND state = 'active' AND from_day <= ?3 AND to_day >= ?3
  AND (scope = 'all_funds' OR programme_id = ?2)

-- name: writes_off_reason mode: read
SELECT reason FROM writes_off WHERE id = 1

-- name: programme_brief mode: read
SELECT code, fiscal_month, policy_id, closed_until_day FROM programme WHERE id = ?1

-- name: calendar_between mode: read
SELECT year, holidays, workdays FROM calendar_year
WHERE programme_id = ?1 AND year >= ?2 AND year <= ?3 ORDER BY year

-- name: outage_end mode: read
SELECT COALESCE(MAX(to_day), 0) FROM outage
WHERE programme_id = ?1 AND from_day <= ?2 AND to_day >= ?2 AND checker_id <> 0

-- name: policy_brief mode: read
SELECT sha256, name FROM policy WHERE id = ?1
