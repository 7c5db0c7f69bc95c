-- Payment batches: what may be collected, lines of a batch, payees and their accounts.

-- One pass over claims that may be collected, with everything that decides for nearly all of them: open
-- objections, bans of payee and holder or that one of them went into another (who may be banned), who goes on
-- for the payee, the day from which the account may be used (-1: not active), the
-- account the bank last returned from, what lies in payable. ?1 programme, ?2 after, ?3 at most, ?4 day.
-- name: settle_candidates mode: read
SELECT c.id, c.number, c.state, c.voucher_id, c.payee_id, c.account_id, c.cutoff_day, c.publish_to_day, v.state,
       (SELECT COUNT(*) FROM objection j WHERE j.claim_id = c.id AND j.state = 'open'),
       (SELECT COUNT(*) FROM signal s WHERE s.subject_id = c.id AND s.subject = 'claim' AND s.state IN ('referred', 'confirmed')),
       (SELECT COUNT(*) FROM ban n WHERE n.org_id IN (c.payee_id, c.holder_id) AND n.state = 'active'
        AND n.from_day <= ?4 AND n.to_day >= ?4 AND (n.scope = 'all_funds' OR n.programme_id = ?1))
       + (SELECT COUNT(*) FROM organisation g WHERE g.id IN (c.payee_id, c.holder_id) AND g.successor_id <> 0),
       (SELECT g.successor_id FROM organisation g WHERE g.id = c.payee_id),
       COALESCE((SELECT usable_day FROM bank_account k WHERE k.id = c.account_id AND k.state = 'active'), -1),
       COALESCE((SELECT o.account_id FROM batch_line o WHERE o.claim_id = c.id AND o.state = 'returned'
                 ORDER BY o.id DESC LIMIT 1), 0),
       CAST(COALESCE((SELECT SUM(b.amount) FROM balance b WHERE b.programme_id = ?1 AND b.account = 'payable'
                      AND b.voucher_id = c.voucher_id AND b.claim_id = c.id), 0) AS BIGINT)
FROM claim c JOIN voucher v ON v.id = c.voucher_id
WHERE c.programme_id = ?1 AND c.state IN ('published', 'objected', 'returned_by_bank') AND c.id > ?2
ORDER BY c.id LIMIT ?3

-- The same of claims whose money came back from batch ?5.
-- name: settle_returned mode: read
SELECT c.id, c.number, c.state, c.voucher_id, c.payee_id, c.account_id, c.cutoff_day, c.publish_to_day, v.state,
       (SELECT COUNT(*) FROM objection j WHERE j.claim_id = c.id AND j.state = 'open'),
       (SELECT COUNT(*) FROM signal s WHERE s.subject_id = c.id AND s.subject = 'claim' AND s.state IN ('referred', 'confirmed')),
       (SELECT COUNT(*) FROM ban n WHERE n.org_id IN (c.payee_id, c.holder_id) AND n.state = 'active'
        AND n.from_day <= ?4 AND n.to_day >= ?4 AND (n.scope = 'all_funds' OR n.programme_id = ?1))
       + (SELECT COUNT(*) FROM organisation g WHERE g.id IN (c.payee_id, c.holder_id) AND g.successor_id <> 0),
       (SELECT g.successor_id FROM organisation g WHERE g.id = c.payee_id),
       COALESCE((SELECT usable_day FROM bank_account k WHERE k.id = c.account_id AND k.state = 'active'), -1),
       COALESCE((SELECT o.account_id FROM batch_line o WHERE o.claim_id = c.id AND o.state = 'returned'
                 ORDER BY o.id DESC LIMIT 1), 0),
       CAST(COALESCE((SELECT SUM(b.amount) FROM balance b WHERE b.programme_id = ?1 AND b.account = 'payable'
                      AND b.voucher_id = c.voucher_id AND b.claim_id = c.id), 0) AS BIGINT)
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN voucher v ON v.id = c.voucher_id
WHERE l.batch_id = ?5 AND l.state = 'returned' AND c.programme_id = ?1 AND c.state = 'returned_by_bank' AND c.id > ?2
ORDER BY c.id LIMIT ?3

-- name: settle_waiting mode: read
SELECT COUNT(*) FROM claim WHERE programme_id = ?1 AND state IN ('published', 'objected', 'returned_by_bank')

-- What earlier slices of a run will set off against the debts of an organisation, also out of claims in the
-- names of those whom it succeeded.
-- name: settle_planned mode: read
WITH RECURSIVE names(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?2
    UNION SELECT o.id FROM organisation o JOIN names h ON o.successor_id = h.id AND o.successor_id <> 0)
SELECT CAST(COALESCE(SUM(l.set_off_fen), 0) AS BIGINT) FROM batch_line l JOIN claim c ON c.id = l.claim_id
WHERE l.batch_id = ?1 AND l.state = 'waiting' AND c.payee_id IN (SELECT id FROM names)

-- Signals of a claim that stop its payment.
-- name: settle_signals mode: read
SELECT COUNT(*) FROM signal WHERE subject_id = ?1 AND subject = 'claim' AND state IN ('referred', 'confirmed')

-- name: settle_account_state mode: read
SELECT usable_day FROM bank_account WHERE id = ?1 AND state = 'active'

-- name: batch_running mode: read
SELECT id FROM batch WHERE programme_id = ?1 AND state IN ('open', 'locked', 'released') ORDER BY id LIMIT 1

-- Lines of batch ?1 in state ?3 after number ?2. The last column is above 0 where a line may not be paid
-- after all: somebody is banned or went into another who may be, the voucher frozen, the account closed or not usable
-- yet, a signal waits for a decision or was confirmed.
-- name: batch_line_page mode: read
SELECT l.id, l.n, l.claim_id, l.account_id, l.payment_no, l.amount_fen, l.set_off_fen, l.state,
       c.number, c.voucher_id, c.payee_id, c.paid_fen,
       CASE WHEN v.state = 'frozen' THEN 1
            WHEN COALESCE((SELECT usable_day FROM bank_account k WHERE k.id = l.account_id AND k.state = 'active'),
                          2147483647) > ?5 THEN 1
            WHEN EXISTS (SELECT 1 FROM organisation g WHERE g.id IN (c.payee_id, c.holder_id)
                         AND g.successor_id <> 0) THEN 1
            WHEN EXISTS (SELECT 1 FROM signal s WHERE s.subject_id = c.id AND s.subject = 'claim'
                         AND s.state IN ('referred', 'confirmed')) THEN 1
            ELSE (SELECT COUNT(*) FROM ban n WHERE n.org_id IN (c.payee_id, c.holder_id) AND n.state = 'active'
                  AND n.from_day <= ?5 AND n.to_day >= ?5
                  AND (n.scope = 'all_funds' OR n.programme_id = c.programme_id)) END
FROM batch_line l JOIN claim c ON c.id = l.claim_id JOIN voucher v ON v.id = c.voucher_id
WHERE l.batch_id = ?1 AND l.n > ?2 AND l.state = ?3 ORDER BY l.n LIMIT ?4

-- name: batch_line_last mode: read
SELECT COALESCE(MAX(n), 0) FROM batch_line WHERE batch_id = ?1

-- name: batch_set_off mode: read
SELECT CAST(COALESCE(SUM(set_off_fen), 0) AS BIGINT) FROM batch_line WHERE batch_id = ?1 AND state <> 'pulled'

-- Lines that have not been decided on by a release.
-- name: batch_lines_waiting mode: read
SELECT COUNT(*) FROM batch_line WHERE batch_id = ?1 AND state = 'waiting'

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

-- Released lines whose payee or holder is banned on ?2, or went into one who is.
-- name: batch_lines_banned mode: read
WITH RECURSIVE barred(id) AS (
    SELECT n.org_id FROM ban n
    WHERE n.state = 'active' AND n.from_day <= ?2 AND n.to_day >= ?2
      AND (n.scope = 'all_funds' OR n.programme_id = (SELECT b.programme_id FROM batch b WHERE b.id = ?1))
    UNION SELECT o.id FROM organisation o JOIN barred h ON o.successor_id = h.id AND o.successor_id <> 0)
SELECT l.id, l.n, l.claim_id, l.account_id, l.payment_no, l.amount_fen, l.set_off_fen, l.state,
       c.number, c.voucher_id, c.payee_id, c.paid_fen, 1
FROM batch_line l JOIN claim c ON c.id = l.claim_id
WHERE l.batch_id = ?1 AND l.state = 'released'
  AND (c.payee_id IN (SELECT id FROM barred) OR c.holder_id IN (SELECT id FROM barred))
ORDER BY l.n LIMIT ?3

-- name: batch_line_of_claim mode: read
SELECT l.id, l.batch_id FROM batch_line l
WHERE l.claim_id = ?1 AND l.state IN ('waiting', 'released', 'unknown') ORDER BY l.id DESC LIMIT 1

-- The first day of a ban on the organisation or on whoever goes on for it.
-- name: ban_first_day mode: read
WITH RECURSIVE heirs(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?1
    UNION SELECT o.successor_id FROM organisation o JOIN heirs h ON h.id = o.id WHERE o.successor_id <> 0)
SELECT COALESCE(MIN(n.from_day), 0) FROM heirs h CROSS JOIN ban n
WHERE n.org_id = h.id AND n.state = 'active' AND n.from_day <= ?3 AND n.to_day >= ?3
  AND (n.scope = 'all_funds' OR n.programme_id = ?2)

-- Orders of the claim that were not agreed and delivered by day ?2.
-- name: good_faith_late mode: read
SELECT COUNT(*) FROM claim_line l JOIN service_order o ON o.id = l.order_id
WHERE l.claim_id = ?1 AND (o.agreed_day = 0 OR o.delivered_day = 0 OR o.delivered_day > ?2
  OR o.state NOT IN ('delivered', 'confirmed'))
