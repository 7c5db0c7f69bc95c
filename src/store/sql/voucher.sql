-- Vouchers: which are due, whose they are, what they hold.

-- Read before any lock, to know which locks to take.
-- name: voucher_brief mode: read
SELECT kind_id, holder_id FROM voucher WHERE id = ?1 AND programme_id = ?2

-- name: voucher_by_code mode: read
SELECT id FROM voucher WHERE code_hash = ?1 AND code_hash <> ''

-- name: voucher_due mode: read
SELECT id FROM voucher
WHERE (state = 'active' OR state = 'frozen') AND use_by_day < ?2 AND use_by_day <> 0
  AND programme_id = ?1 AND id > ?3 ORDER BY id LIMIT ?4

-- name: voucher_accounts mode: read
SELECT account, CAST(SUM(amount) AS BIGINT) FROM balance WHERE voucher_id = ?1 GROUP BY account ORDER BY account

-- name: voucher_of_holder mode: read
SELECT v.id, v.number, v.kind_id, k.code, v.state, v.issued_fen, v.issued_day, v.use_by_day, v.claim_by_day,
       CAST(COALESCE((SELECT SUM(b.amount) FROM balance b WHERE b.voucher_id = v.id AND b.account = 'voucher'), 0)
            AS BIGINT)
FROM voucher v JOIN voucher_kind k ON k.id = v.kind_id
WHERE v.programme_id = ?1 AND v.holder_id = ?2 AND v.id > ?3 ORDER BY v.id LIMIT ?4
