-- Result files of the bank, their rows and the work list.

-- name: bank_file_find mode: read
SELECT id FROM bank_file WHERE programme_id = ?1 AND sha256 = ?2

-- Rows of a file that are written: applied, and those that a person has or had to look at.
-- name: bank_file_progress mode: read
SELECT COUNT(CASE WHEN state = 'applied' THEN 1 END), COUNT(CASE WHEN state <> 'applied' THEN 1 END)
FROM bank_line WHERE file_id = ?1

-- name: bank_payment mode: read
SELECT l.id, l.batch_id, l.claim_id, l.amount_fen, l.state, l.result_day, b.state, c.voucher_id
FROM batch_line l JOIN batch b ON b.id = l.batch_id JOIN claim c ON c.id = l.claim_id
WHERE l.payment_no = ?2 AND l.payment_no <> '' AND b.programme_id = ?1

-- name: bank_work mode: read
SELECT k.id, k.file_id, k.n, k.amount_fen, k.line_id, k.reference, k.status, k.reason
FROM bank_line k JOIN bank_file f ON f.id = k.file_id
WHERE f.programme_id = ?1 AND k.state = 'unmatched' AND k.id > ?2 ORDER BY k.id LIMIT ?3

-- Batches that are with the bank and wait for no line any more.
-- name: batch_reconcilable mode: read
SELECT b.id FROM batch b WHERE b.programme_id = ?1 AND b.state = 'sent' AND NOT EXISTS (
    SELECT 1 FROM batch_line l WHERE l.batch_id = b.id AND l.state IN ('waiting', 'released', 'unknown'))
ORDER BY b.id LIMIT 100
