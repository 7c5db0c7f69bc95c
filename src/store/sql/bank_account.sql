-- Accounts that money is paid to.

-- Owners whose account may be used by letter (org_link_set), by their registered name today.
-- name: account_owner_linked mode: read
SELECT COUNT(*) FROM org_link l JOIN organisation o ON o.id = l.other_id
WHERE l.org_id = ?1 AND l.kind = 'account' AND o.name = ?2 AND o.state = 'active' AND l.letter <> ''
  AND l.from_day <= ?3 AND (l.to_day = 0 OR l.to_day >= ?3)

-- name: account_last_version mode: read
SELECT COALESCE(MAX(version), 0) FROM bank_account WHERE org_id = ?1

-- name: account_usable mode: read
SELECT id FROM bank_account WHERE org_id = ?1 AND state = 'active' AND usable_day <= ?2
ORDER BY version DESC LIMIT 1

-- name: account_cooling mode: read
SELECT id FROM bank_account WHERE org_id = ?1 AND state = 'active' AND usable_day > ?2
ORDER BY version DESC LIMIT 1
