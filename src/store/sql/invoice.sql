-- Invoices and proofs of payment.

-- name: invoice_by_key mode: read
SELECT id FROM invoice WHERE key = ?1

-- name: invoice_replaced_by mode: read
SELECT id FROM invoice WHERE replaces_id = ?1 AND replaces_id <> 0

-- name: proof_by_reference mode: read
SELECT id FROM payment_proof WHERE org_id = ?1 AND means = ?2 AND reference = ?3 AND reference <> ''

-- The name of a day: from the history, or the present one of an organisation that has none.
-- name: org_bears_name mode: read
SELECT COUNT(*) FROM organisation o
WHERE o.id = ?1
  AND (EXISTS (SELECT 1 FROM org_name n WHERE n.org_id = o.id AND n.name = ?2 AND n.from_day <= ?3
               AND (n.to_day = 0 OR n.to_day >= ?3))
       OR (o.name = ?2 AND NOT EXISTS (SELECT 1 FROM org_name n WHERE n.org_id = o.id)))

-- name: org_kind_of mode: read
SELECT kind FROM organisation WHERE id = ?1
