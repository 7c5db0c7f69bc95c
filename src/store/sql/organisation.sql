-- Organisations, their names, facts, links and successors.

-- name: org_by_code mode: read
SELECT id FROM organisation WHERE credit_code = ?1 AND credit_code <> ''

-- name: org_name_on mode: read
SELECT name FROM org_name WHERE org_id = ?1 AND from_day <= ?2 AND (to_day = 0 OR to_day >= ?2)
ORDER BY from_day DESC, id DESC LIMIT 1

-- name: org_name_open mode: read
SELECT id FROM org_name WHERE org_id = ?1 AND to_day = 0 ORDER BY from_day DESC, id DESC LIMIT 1

-- The last day on which it bore a name that it bears no more on day ?3; none: no row with a value.
-- name: org_name_until mode: read
SELECT COALESCE(MAX(to_day), 0) FROM org_name WHERE org_id = ?1 AND name = ?2 AND to_day <> 0 AND to_day < ?3

-- name: org_fact_open mode: read
SELECT id FROM org_fact WHERE org_id = ?1 AND kind = ?2 AND to_day = 0
ORDER BY from_day DESC, id DESC LIMIT 1

-- name: org_linked mode: read
SELECT COUNT(*) FROM org_link
WHERE org_id = ?1 AND kind = ?2 AND other_id = ?3 AND from_day <= ?4 AND (to_day = 0 OR to_day >= ?4)

-- What a successor takes over (org_succeed). Claims that are approved or further on stay as they are.
-- name: org_vouchers mode: read
SELECT id FROM voucher WHERE holder_id = ?1 ORDER BY id

-- name: org_applications mode: read
SELECT id FROM application WHERE holder_id = ?1 ORDER BY id

-- name: org_orders_bought mode: read
SELECT id FROM service_order
WHERE holder_id = ?1 AND (state IN ('proposed', 'accepted', 'disputed') OR (state IN ('delivered', 'confirmed') AND closed = 0))
ORDER BY id

-- name: org_orders_sold mode: read
SELECT id FROM service_order
WHERE institution_id = ?1 AND (state IN ('proposed', 'accepted', 'disputed') OR (state IN ('delivered', 'confirmed') AND closed = 0))
ORDER BY id

-- name: org_invitations mode: read
SELECT id FROM order_member WHERE holder_id = ?1 AND state = 'invited' ORDER BY id

-- Claims still to be decided, also those that a reviewer has checked: their vouchers have gone.
-- name: org_claims_open mode: read
SELECT id FROM claim
WHERE (holder_id = ?1 OR payee_id = ?1) AND state IN ('draft', 'submitted', 'returned', 'checked') AND id > ?2
ORDER BY id LIMIT ?3

-- Cases that may still bring a ban or a debt, and debts that are not settled.
-- name: org_cases mode: read
SELECT id FROM violation_case WHERE org_id = ?1 AND state NOT IN ('closed', 'dismissed') ORDER BY id

-- name: org_bans_holding mode: read
SELECT programme_id, scope, from_day, to_day, case_id, article FROM ban
WHERE org_id = ?1 AND state = 'active' AND to_day >= ?2 ORDER BY id LIMIT 33
