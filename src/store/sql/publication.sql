-- Register, publication, objections.

-- name: publication_terms mode: read
SELECT v.policy_id, v.kind_id FROM claim c JOIN voucher v ON v.id = c.voucher_id WHERE c.id = ?1

-- name: objection_others mode: read
SELECT COUNT(*) FROM objection WHERE claim_id = ?1 AND id <> ?2 AND state = 'open'

-- name: objection_claim mode: read
SELECT claim_id FROM objection WHERE id = ?1 AND programme_id = ?2
