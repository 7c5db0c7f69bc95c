-- Payment batches: what may be collected, lines of a batch, payees and their accounts.

-- ?1 programme, ?2 after, ?3 at most.
-- name: settle_candidates mode: read
SELECT c.id, c.number, c.state, c.voucher_id, c.payee_id, c.account_id, c.cutoff_day, c.publish_to_day, v.state
FROM claim c JOIN voucher v ON v.id = c.voucher_id
WHERE c.programme_id = ?1 AND c.state IN ('published', 'objected', 'returned_by_bank') AND c.id > ?2
ORDER BY c.id LIMIT ?3

-- Claims whose money came back from batch ?1.
-- name: settle_returned mode: read
SELECT c.id, c.number, c.state, c.voucher_id, c.payee_id, c.account_id, c.cutoff_day, c.publish_to_day, v.state
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN voucher v ON v.id = c.voucher_id
WHERE l.batch_id = ?1 AND l.state = 'returned' AND c.state = 'returned_by_bank' AND c.id > ?2
ORDER BY c.id LIMIT ?3

-- name: settle_objections mode: read
SELECT COUNT(*) FROM objection WHERE claim_id = ?1 AND state = 'open'

-- name: settle_account_state mode: read
SELECT usable_day FROM bank_account WHERE id = ?1 AND state = 'active'

-- name: settle_returned_account mode: read
SELECT account_id FROM batch_line WHERE claim_id = ?1 AND state = 'returned' ORDER BY id DESC LIMIT 1

-- name: batch_running mode: read
SELECT id FROM batch WHERE programme_id = ?1 AND state IN ('open', 'locked', 'released') ORDER BY id LIMIT 1

-- name: batch_line_page mode: read
SELECT l.id, l.n, l.claim_id, l.account_id, l.payment_no, l.amount_fen, l.set_off_fen, l.state,
       c.number, c.voucher_id, c.payee_id, c.paid_fen
FROM batch_line l JOIN claim c ON c.id = l.claim_id
WHERE l.batch_id = ?1 AND l.n > ?2 ORDER BY l.n LIMIT ?3

-- name: batch_line_views mode: read
SELECT l.id, l.n, l.claim_id, l.account_id, l.amount_fen, l.set_off_fen, l.result_day, l.payment_no,
       c.number, c.register_no, o.name, l.state, l.result
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN organisation o ON o.id = c.payee_id
WHERE l.batch_id = ?1 AND l.n > ?2 ORDER BY l.n LIMIT ?3

-- What is to be paid, in order; ?2 is a line that is about to leave.
-- name: batch_list_page mode: read
SELECT l.n, l.payment_no, c.register_no, l.account_id, l.amount_fen, l.set_off_fen
FROM batch_line l JOIN claim c ON c.id = l.claim_id
WHERE l.batch_id = ?1 AND l.id <> ?2 AND l.state NOT IN ('pulled', 'recalled') ORDER BY l.n

-- name: batch_lines_open mode: read
SELECT COUNT(*) FROM batch_line WHERE batch_id = ?1 AND state IN ('waiting', 'released', 'unknown')

-- name: batch_line_of_claim mode: read
SELECT l.id, l.batch_id FROM batch_line l
WHERE l.claim_id = ?1 AND l.state IN ('waiting', 'released', 'unknown') ORDER BY l.id DESC LIMIT 1

-- name: ban_first_day mode: read
SELECT COALESCE(MIN(from_day), 0) FROM ban
WHERE org_id = ?1 AND state = 'active' AND from_day <= ?3 AND to_day >= ?3
  AND (scope = 'all_funds' OR programme_id = ?2)

-- Orders of the claim that were not agreed and delivered by day ?2.
-- name: good_faith_late mode: read
SELECT COUNT(*) FROM claim_line l JOIN service_order o ON o.id = l.order_id
WHERE l.claim_id = ?1 AND (o.agreed_day = 0 OR o.delivered_day = 0 OR o.delivered_day > ?2
  OR o.state NOT IN ('delivered', 'confirmed'))
