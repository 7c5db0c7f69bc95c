-- What verify, checkpoints and bundles read: the whole log, all legs and balances, page by page.

-- Committed events that the sequencer has not numbered yet; on SQLite there are none.
-- name: verify_tail mode: read
SELECT e.seq, e.id, e.kind, e.body, e.leaf_sha256, e.leaf_sm3, e.programme_id, e.at_us, e.user_id, e.person_id
FROM event e WHERE e.seq = 0 AND e.id > ?1 ORDER BY e.id LIMIT ?2

-- name: verify_event mode: read
SELECT seq, body FROM event WHERE id = ?1

-- name: verify_legs mode: read
SELECT event_id, n, entry, account, amount, programme_id, source_id, year, kind_id,
       voucher_id, order_id, claim_id, line_id
FROM leg WHERE (event_id, n) > (?1, ?2) ORDER BY event_id, n LIMIT ?3

-- name: verify_event_legs mode: read
SELECT n, entry, account, amount, programme_id, source_id, year, kind_id, voucher_id, order_id, claim_id, line_id
FROM leg WHERE event_id = ?1 ORDER BY n

-- name: verify_balances mode: read
SELECT programme_id, account, voucher_id, source_id, year, kind_id, order_id, claim_id, line_id, amount
FROM balance
WHERE (programme_id, account, voucher_id, source_id, year, kind_id, order_id, claim_id, line_id)
      > (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ORDER BY programme_id, account, voucher_id, source_id, year, kind_id, order_id, claim_id, line_id LIMIT ?10

-- name: verify_private mode: read
SELECT event_id FROM private_body WHERE event_id > ?1 ORDER BY event_id LIMIT ?2
