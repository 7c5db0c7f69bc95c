-- What the demonstration looks up to play its parts.

-- name: claim_in_state mode: read
SELECT id FROM claim WHERE programme_id = ?1 AND state = ?2 ORDER BY id LIMIT ?3

-- name: claim_returned_payee mode: read
SELECT payee_id FROM claim WHERE programme_id = ?1 AND state = 'returned_by_bank' ORDER BY id LIMIT 1

-- name: claim_paid_of mode: read
SELECT id, paid_fen FROM claim WHERE programme_id = ?1 AND holder_id = ?2 AND paid_fen > 0 ORDER BY id LIMIT 1

-- name: recovery_of_case mode: read
SELECT id, amount_fen FROM recovery WHERE case_id = ?1 ORDER BY id LIMIT 1
