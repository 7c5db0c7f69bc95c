-- Accounts that money is paid to.

-- Owners whose account may be used by letter (org_link_set), by their registered name today.
-- name: account_owner_linked mode: read
SELECT COUNT(*) FROM org_link l JOIN organisation o ON o.id = l.other_id
WHERE l.org_id = ?1 AND l.kind = 'account' AND o.name = ?2 AND o.state = 'active' AND l.letter <> ''
  AND l.from_day <= ?3 AND (l.to_day = 0 OR l.to_day >= ?3)

-- People who may act for a team today: what is the team's is paid to one of them by the team's letter.
-- name: account_person_named mode: read
SELECT COUNT(*) FROM role_grant g JOIN user_account u ON u.id = g.user_id
JOIN person_private p ON p.id = u.person_id
WHERE g.org_id = ?1 AND g.state = 'active' AND g.from_day <= ?3 AND (g.to_day = 0 OR g.to_day >= ?3)
  AND u.state = 'open' AND p.name = ?2 AND p.name <> ''

-- name: account_last_version mode: read
SELECT COALESCE(MAX(version), 0) FROM bank_account WHERE org_id = ?1

-- name: account_usable mode: read
SELECT id FROM bank_account WHERE org_id = ?1 AND state = 'active' AND usable_day <= ?2
ORDER BY version DESC LIMIT 1

-- name: account_cooling mode: read
SELECT id FROM bank_account WHERE org_id = ?1 AND state = 'active' AND usable_day > ?2
ORDER BY version DESC LIMIT 1
