-- The ban register asked by other bureaus (P-31).

-- The ban of an organisation that holds on the day and reaches furthest. ?1 credit code, ?2 day.
-- name: ban_answer mode: read
SELECT b.scope, b.from_day, b.to_day
FROM ban b JOIN organisation o ON o.id = b.org_id
WHERE o.credit_code = ?1 AND o.credit_code <> '' AND b.state = 'active' AND b.from_day <= ?2 AND b.to_day >= ?2
ORDER BY CASE b.scope WHEN 'all_funds' THEN 0 ELSE 1 END, b.to_day DESC, b.id LIMIT 1

-- name: ban_query_lines mode: read
SELECT credit_code, answer, scope, from_day, to_day FROM ban_query_line WHERE query_id = ?1 ORDER BY id

-- Bans in force on the day ?1, for the signed file.
-- name: ban_register mode: read
SELECT o.credit_code, o.name, b.scope, COALESCE(p.code, ''), b.from_day, b.to_day
FROM ban b JOIN organisation o ON o.id = b.org_id LEFT JOIN programme p ON p.id = b.programme_id
WHERE b.state = 'active' AND b.from_day <= ?1 AND b.to_day >= ?1 ORDER BY o.credit_code, b.id
