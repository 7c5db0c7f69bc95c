-- Claims: what a use case looks at under the lock of the firm.

-- name: claim_brief mode: read
SELECT voucher_id FROM claim WHERE id = ?1 AND programme_id = ?2

-- name: claim_is_final mode: read
SELECT final FROM claim WHERE id = ?1

-- name: claim_voucher_brief mode: read
SELECT holder_id, kind_id FROM voucher WHERE id = ?1 AND programme_id = ?2

-- name: claim_currency mode: read
SELECT currency FROM programme WHERE id = ?1

-- name: claim_invoice_buyer mode: read
SELECT buyer_id FROM invoice WHERE id = ?1

-- name: claim_lines mode: read
SELECT id, n, order_id, order_line_id, invoice_id, proof_id, amount_fen FROM claim_line
WHERE claim_id = ?1 AND freed = 0 ORDER BY n

-- name: claim_line_last mode: read
SELECT COALESCE(MAX(n), 0) FROM claim_line WHERE claim_id = ?1

-- name: claim_order_line mode: read
SELECT COUNT(*) FROM order_line WHERE id = ?1 AND order_id = ?2

-- name: claim_order_delivered mode: read
SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM delivery WHERE order_id = ?1

-- name: claim_order_unreported mode: read
SELECT COUNT(*) FROM delivery WHERE order_id = ?1 AND report = ''

-- What other claims have taken. A line of a draft takes nothing; a freed line gives back.
-- name: claim_order_used mode: read
SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT)
FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.order_id = ?1 AND l.claim_id <> ?2 AND l.freed = 0 AND c.state NOT IN ('draft', 'refused')

-- An invoice goes on with what the ones it replaces have left.
-- name: claim_invoice_used mode: read
WITH RECURSIVE chain(id) AS (
    SELECT i.id FROM invoice i WHERE i.id = ?1
    UNION SELECT i.replaces_id FROM invoice i JOIN chain h ON h.id = i.id WHERE i.replaces_id <> 0)
SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT)
FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.invoice_id IN (SELECT id FROM chain) AND l.claim_id <> ?2 AND l.freed = 0 AND c.state <> 'draft'

-- name: claim_proof_used mode: read
SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT)
FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.proof_id = ?1 AND l.proof_id <> 0 AND l.claim_id <> ?2 AND l.freed = 0 AND c.state <> 'draft'

-- Undecided claims that stand on an order, and what each asks for.
-- name: claim_pending_on mode: read
SELECT DISTINCT c.id, c.asked_fen - c.adjusted_fen FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.order_id = ?1 AND l.freed = 0 AND c.id <> ?2 AND c.state IN ('submitted', 'returned', 'checked')
ORDER BY 1

-- Approved and pending of a holder by day of filing.
-- name: claim_holder_total mode: read
SELECT CAST(COALESCE(SUM(CASE WHEN approved_fen > 0 THEN approved_fen ELSE asked_fen - adjusted_fen END), 0)
            AS BIGINT)
FROM claim
WHERE holder_id = ?1 AND programme_id = ?2 AND id <> ?3 AND filed_day >= ?4 AND filed_day <= ?5
  AND state NOT IN ('draft', 'withdrawn', 'refused')

-- name: claim_evidence_kinds mode: read
SELECT DISTINCT kind FROM evidence WHERE subject = ?1 AND subject_id = ?2 ORDER BY kind

-- name: claim_delivery_kinds mode: read
SELECT DISTINCT v.kind FROM evidence v JOIN delivery d ON d.id = v.subject_id
WHERE v.subject = 'delivery' AND d.order_id = ?1 ORDER BY v.kind

-- name: claim_evidence mode: read
SELECT kind, sha256 FROM evidence WHERE subject = 'claim' AND subject_id = ?1 ORDER BY id

-- The account of the payee itself, or one that a letter links to it.
-- name: claim_account_fits mode: read
SELECT COUNT(*) FROM bank_account b
WHERE b.id = ?1 AND b.state = 'active'
  AND (b.org_id = ?2 OR EXISTS (
      SELECT 1 FROM org_link k WHERE k.org_id = ?2 AND k.kind = 'account' AND k.other_id = b.org_id
        AND k.from_day <= ?3 AND (k.to_day = 0 OR k.to_day >= ?3)))

-- Papers of a firm that became or was merged into another are papers of that other.
-- name: claim_succeeded_by mode: read
WITH RECURSIVE heirs(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?1
    UNION SELECT o.successor_id FROM organisation o JOIN heirs h ON h.id = o.id WHERE o.successor_id <> 0)
SELECT COUNT(*) FROM heirs WHERE id = ?2
