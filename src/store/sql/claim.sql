-- Claims: what a use case looks at under the lock of the firm.

-- name: claim_brief mode: read
SELECT voucher_id FROM claim WHERE id = ?1 AND programme_id = ?2

-- name: claim_is_final mode: read
SELECT final FROM claim WHERE id = ?1

-- name: claim_voucher_brief mode: read
SELECT v.holder_id, v.kind_id, k.code FROM voucher v JOIN voucher_kind k ON k.id = v.kind_id
WHERE v.id = ?1 AND v.programme_id = ?2

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

-- What has been delivered, and how many deliveries lack their report.
-- name: claim_order_delivered mode: read
SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT), COUNT(CASE WHEN report = '' THEN 1 END)
FROM delivery WHERE order_id = ?1

-- What other claims hold of an order, line by line: how much is used and what is undecided is summed
-- by the claim's story, which would otherwise read the same rows three times. A freed line holds nothing.
-- name: claim_lines_on mode: read
SELECT l.claim_id, l.invoice_id, l.proof_id, l.amount_fen, c.asked_fen - c.adjusted_fen, c.state
FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.order_id = ?1 AND l.claim_id <> ?2 AND l.freed = 0

-- What lines of other orders (than ?4) and other claims (than ?3) have taken of an invoice and a proof.
-- name: claim_papers_elsewhere mode: read
SELECT (SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) FROM claim_line l JOIN claim c ON c.id = l.claim_id
        WHERE l.invoice_id = ?1 AND l.order_id <> ?4 AND l.claim_id <> ?3 AND l.freed = 0 AND c.state <> 'draft'),
       (SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) FROM claim_line l JOIN claim c ON c.id = l.claim_id
        WHERE l.proof_id = ?2 AND l.proof_id <> 0 AND l.order_id <> ?4 AND l.claim_id <> ?3 AND l.freed = 0
          AND c.state <> 'draft')

-- What has been taken of the invoices that one replaces, of all orders: it goes on with what they left.
-- name: claim_replaced_used mode: read
WITH RECURSIVE chain(id) AS (
    SELECT i.replaces_id FROM invoice i WHERE i.id = ?1 AND i.replaces_id <> 0
    UNION SELECT i.replaces_id FROM invoice i JOIN chain h ON h.id = i.id WHERE i.replaces_id <> 0)
SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT)
FROM claim_line l JOIN claim c ON c.id = l.claim_id
WHERE l.invoice_id IN (SELECT id FROM chain) AND l.claim_id <> ?2 AND l.freed = 0 AND c.state <> 'draft'

-- Approved and pending of a holder and of those whom it succeeded, by day of filing (R-ORG-020): decided
-- claims keep the name of the firm that was paid, the cap goes on with the heir. CROSS JOIN: from the firm to
-- its claims; SQLite would rather look through all claims of the programme.
-- name: claim_holder_total mode: read
WITH RECURSIVE held(id) AS (
    SELECT o.id FROM organisation o WHERE o.id = ?1
    UNION SELECT o.id FROM organisation o JOIN held h ON o.successor_id = h.id AND o.successor_id <> 0)
SELECT CAST(COALESCE(SUM(CASE WHEN c.approved_fen > 0 THEN c.approved_fen ELSE c.asked_fen - c.adjusted_fen END), 0)
            AS BIGINT)
FROM held h CROSS JOIN claim c
WHERE c.holder_id = h.id AND c.programme_id = ?2 AND c.id <> ?3 AND c.filed_day >= ?4 AND c.filed_day <= ?5
  AND c.state NOT IN ('draft', 'withdrawn', 'refused')

-- Kinds of papers, each as often as it stands there.
-- name: claim_evidence_kinds mode: read
SELECT kind FROM evidence WHERE subject = 'claim' AND subject_id = ?1

-- name: claim_order_kinds mode: read
SELECT kind FROM evidence WHERE subject = 'service_order' AND subject_id = ?1
UNION ALL
SELECT v.kind FROM delivery d JOIN evidence v ON v.subject = 'delivery' AND v.subject_id = d.id
WHERE d.order_id = ?1

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

-- Submitted claims that the light path may take: up to an amount, and no signal waits or stands against them.
-- name: review_light mode: read
SELECT c.id, c.holder_id, c.content FROM claim c
WHERE c.programme_id = ?1 AND c.state = 'submitted' AND c.asked_fen <= ?2
  AND NOT EXISTS (SELECT 1 FROM signal s WHERE s.subject = 'claim' AND s.subject_id = c.id
                  AND s.state IN ('open', 'referred', 'confirmed'))
ORDER BY c.id LIMIT ?3
