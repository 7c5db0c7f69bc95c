-- Signals before payment: what is looked at when a claim is filed, and what became of them.

-- Near misses of an invoice (?1) with its seller, amount, day, file and the invoice that it replaces: kind of
-- likeness (1 twin, 2 file, 3 claim on the replaced one) and id. Drafts claim nothing yet.
-- Three of each are enough to look at: a laboratory with fixed prices writes many alike in a day. The last column is
-- how many there are.
-- name: signal_invoice mode: read
SELECT x.what, x.id, x.many FROM (
    SELECT 1 AS what, i.id, COUNT(*) OVER () AS many FROM invoice i
    WHERE i.seller_id = ?2 AND i.issued_day = ?4 AND i.gross_fen = ?3 AND i.id <> ?1 ORDER BY i.id LIMIT 3) AS x
UNION ALL
SELECT y.what, y.id, y.many FROM (
    SELECT 2 AS what, i.id, COUNT(*) OVER () AS many FROM invoice i
    WHERE i.blob = ?5 AND i.blob <> '' AND i.id <> ?1 ORDER BY i.id LIMIT 3) AS y
UNION ALL
SELECT z.what, z.id, z.many FROM (
    SELECT 3 AS what, w.id, COUNT(*) OVER () AS many FROM (
        SELECT DISTINCT l.claim_id AS id FROM claim_line l JOIN claim c ON c.id = l.claim_id
        WHERE l.invoice_id = ?6 AND l.invoice_id <> 0 AND l.freed = 0 AND l.claim_id <> ?7 AND c.state <> 'draft') AS w
    ORDER BY w.id LIMIT 3) AS z
ORDER BY 1, 2

-- What holder ?1 and institution ?2 have in common on day ?3: relations, contacts, account agencies. Telephones
-- are also those of the people who act for them.
-- name: signal_common mode: read
SELECT (SELECT COUNT(*) FROM org_fact a JOIN org_fact b ON b.org_id = ?2 AND b.value = a.value
        WHERE a.org_id = ?1 AND a.value <> ''
          AND a.kind IN ('owner', 'controller', 'representative')
          AND b.kind IN ('owner', 'controller', 'representative')
          AND a.from_day <= ?3 AND (a.to_day = 0 OR a.to_day >= ?3)
          AND b.from_day <= ?3 AND (b.to_day = 0 OR b.to_day >= ?3))
     + (SELECT COUNT(*) FROM bank_account x JOIN bank_account_private xp ON xp.id = x.id
        JOIN bank_account y ON y.org_id = ?2 AND y.state = 'active'
        JOIN bank_account_private yp ON yp.id = y.id
        WHERE x.org_id = ?1 AND x.state = 'active' AND xp.number <> '' AND xp.number = yp.number),
       (SELECT COUNT(*) FROM org_fact a JOIN org_fact b ON b.org_id = ?2 AND b.value = a.value AND b.kind = a.kind
        WHERE a.org_id = ?1 AND a.value <> '' AND a.kind IN ('phone', 'address')
          AND a.from_day <= ?3 AND (a.to_day = 0 OR a.to_day >= ?3)
          AND b.from_day <= ?3 AND (b.to_day = 0 OR b.to_day >= ?3))
     + (SELECT COUNT(*) FROM user_account u JOIN person_private p ON p.id = u.person_id
        JOIN user_account w ON w.org_id = ?2 AND w.org_id <> 0 JOIN person_private q ON q.id = w.person_id
        WHERE u.org_id = ?1 AND u.org_id <> 0 AND p.phone <> '' AND p.phone = q.phone),
       (SELECT COUNT(*) FROM org_fact a JOIN org_fact b ON b.org_id = ?2 AND b.value = a.value AND b.kind = a.kind
        WHERE a.org_id = ?1 AND a.value <> '' AND a.kind = 'account_agency'
          AND a.from_day <= ?3 AND (a.to_day = 0 OR a.to_day >= ?3)
          AND b.from_day <= ?3 AND (b.to_day = 0 OR b.to_day >= ?3))

-- Other claims of the holder since ?4 (count) and since ?5 (money), and what it turned over, as told ('' unknown).
-- name: signal_history mode: read
SELECT (SELECT COUNT(*) FROM claim c WHERE c.holder_id = ?1 AND c.programme_id = ?2 AND c.id <> ?3
        AND c.filed_day >= ?4 AND c.state NOT IN ('draft', 'withdrawn')),
       (SELECT CAST(COALESCE(SUM(CASE WHEN c.approved_fen > 0 THEN c.approved_fen ELSE c.asked_fen - c.adjusted_fen END), 0)
               AS BIGINT)
        FROM claim c WHERE c.holder_id = ?1 AND c.programme_id = ?2 AND c.id <> ?3
        AND c.filed_day >= ?5 AND c.state NOT IN ('draft', 'withdrawn', 'refused')),
       COALESCE((SELECT f.value FROM org_fact f WHERE f.org_id = ?1 AND f.kind = 'turnover' AND f.from_day <= ?6
                 AND (f.to_day = 0 OR f.to_day >= ?6) ORDER BY f.from_day DESC, f.id DESC LIMIT 1), '')

-- A kind that the claim has shown already is not told again with the same numbers.
-- name: signal_told mode: read
SELECT kind, reason FROM signal WHERE subject_id = ?1 AND subject = 'claim'

-- What stands between claim ?1 and its approval by the persons ?2, ?3: undecided, confirmed, decided by one of them.
-- name: signal_gate mode: read
SELECT COUNT(CASE WHEN state = 'referred' THEN 1 END), COUNT(CASE WHEN state = 'confirmed' THEN 1 END),
       COUNT(CASE WHEN action = 'refer' AND decider_id <> 0 AND (decider_id = ?2 OR decider_id = ?3) THEN 1 END)
FROM signal WHERE subject_id = ?1 AND subject = 'claim'

-- How often each kind was right, of the signals of a programme fired on the days ?2 to ?3.
-- name: signal_outcomes mode: read
SELECT kind, COUNT(*), COUNT(CASE WHEN state IN ('cleared', 'confirmed') THEN 1 END),
       COUNT(CASE WHEN state = 'confirmed' THEN 1 END)
FROM signal WHERE programme_id = ?1 AND day >= ?2 AND day <= ?3
GROUP BY kind ORDER BY kind

-- Other county funds of holder ?1 for item ?2 in a period that meets the days ?3 to ?4.
-- name: signal_funding mode: read
SELECT g.id, COUNT(*) OVER () FROM organisation o JOIN other_funding g ON g.credit_code = o.credit_code
WHERE o.id = ?1 AND o.credit_code <> '' AND g.item = ?2 AND g.from_day <= ?4 AND g.to_day >= ?3
ORDER BY g.id LIMIT 5

-- The same from the list's side: claims filed already, for whoever has the code ?2; not those that were told of the same
-- row of an earlier list, whatever was decided of it (R-SIGNAL-080).
-- name: signal_funded_claims mode: read
SELECT DISTINCT c.id, c.holder_id, c.asked_fen - c.adjusted_fen, k.code
FROM organisation o JOIN claim c ON c.holder_id = o.id AND c.programme_id = ?1
    JOIN claim_line l ON l.claim_id = c.id AND l.freed = 0 JOIN service_order s ON s.id = l.order_id
    JOIN voucher v ON v.id = c.voucher_id JOIN voucher_kind k ON k.id = v.kind_id
WHERE o.credit_code = ?2 AND o.credit_code <> '' AND s.outcome_kind = ?3 AND s.made_day <= ?5 AND s.delivered_day >= ?4
  AND c.state NOT IN ('draft', 'withdrawn', 'refused')
  AND NOT EXISTS (SELECT 1 FROM signal t JOIN signal_link h ON h.signal_id = t.id AND h.subject = 'other_funding'
      JOIN other_funding g ON g.id = h.subject_id
      WHERE t.subject_id = c.id AND t.subject = 'claim' AND t.kind = 'double_funding' AND g.measure = ?6
        AND g.item = ?3 AND g.from_day = ?4 AND g.to_day = ?5 AND g.amount_fen = ?7)
ORDER BY c.id LIMIT 201

-- Claims that stand on invoice ?2, paid ones too.
-- name: signal_invoice_claims mode: read
SELECT DISTINCT c.id, c.holder_id, c.asked_fen - c.adjusted_fen, k.code
FROM claim_line l JOIN claim c ON c.id = l.claim_id AND c.programme_id = ?1
    JOIN voucher v ON v.id = c.voucher_id JOIN voucher_kind k ON k.id = v.kind_id
WHERE l.invoice_id = ?2 AND l.freed = 0 AND c.state NOT IN ('draft', 'withdrawn', 'refused')
ORDER BY c.id LIMIT 201

-- name: signal_list_known mode: read
SELECT COUNT(*) FROM signal_list WHERE programme_id = ?1 AND kind = ?2 AND sha256 = ?3

-- Invoices that claims of the programme stand on, dated ?2 to ?3: what another county is told of by keyed hash.
-- name: exchange_invoices mode: read
SELECT i.id, i.key FROM invoice i
WHERE i.issued_day >= ?2 AND i.issued_day <= ?3 AND i.id > ?4 AND EXISTS (
    SELECT 1 FROM claim_line l JOIN claim c ON c.id = l.claim_id
    WHERE l.invoice_id = i.id AND l.freed = 0 AND c.programme_id = ?1
      AND c.state NOT IN ('draft', 'withdrawn', 'refused'))
ORDER BY i.id LIMIT ?5

-- name: exchange_known mode: read
SELECT COUNT(*) FROM invoice_exchange WHERE programme_id = ?1 AND way = ?2 AND sha256 = ?3

-- Has invoice ?2 been told of by county ?3 already?
-- name: exchange_told mode: read
SELECT COUNT(*) FROM signal s JOIN signal_link l ON l.signal_id = s.id AND l.subject = 'invoice_exchange'
    JOIN invoice_exchange x ON x.id = l.subject_id
WHERE s.subject_id = ?1 AND s.subject = 'claim' AND s.kind = 'invoice_elsewhere' AND x.other = ?2

-- Claims that are approved and not paid, whose holder has something in common with an institution of theirs today.
-- name: signal_unpaid_related mode: read
SELECT DISTINCT c.id FROM claim c JOIN claim_line l ON l.claim_id = c.id AND l.freed = 0
    JOIN service_order o ON o.id = l.order_id
WHERE c.programme_id = ?1 AND c.state IN ('approved', 'registered', 'published', 'objected', 'returned_by_bank') AND c.id > ?3
  AND (EXISTS (SELECT 1 FROM org_fact a JOIN org_fact b ON b.org_id = o.institution_id AND b.value = a.value
        WHERE a.org_id = c.holder_id AND a.value <> ''
          AND a.kind IN ('owner', 'controller', 'representative', 'phone', 'address', 'account_agency')
          AND (a.kind = b.kind OR (a.kind IN ('owner', 'controller', 'representative')
            AND b.kind IN ('owner', 'controller', 'representative')))
          AND a.from_day <= ?2 AND (a.to_day = 0 OR a.to_day >= ?2) AND b.from_day <= ?2 AND (b.to_day = 0 OR b.to_day >= ?2))
    OR EXISTS (SELECT 1 FROM bank_account x JOIN bank_account_private xp ON xp.id = x.id
        JOIN bank_account y ON y.org_id = o.institution_id AND y.state = 'active'
        JOIN bank_account_private yp ON yp.id = y.id
        WHERE x.org_id = c.holder_id AND x.state = 'active' AND xp.number <> '' AND xp.number = yp.number)
    OR EXISTS (SELECT 1 FROM user_account u JOIN person_private p ON p.id = u.person_id
        JOIN user_account w ON w.org_id = o.institution_id AND w.org_id <> 0 JOIN person_private q ON q.id = w.person_id
        WHERE u.org_id = c.holder_id AND u.org_id <> 0 AND p.phone <> '' AND p.phone = q.phone))
ORDER BY c.id LIMIT ?4

-- Years other than ?3 for which a key was used.
-- name: exchange_key_years mode: read
SELECT COUNT(*) FROM invoice_exchange WHERE programme_id = ?1 AND key_id = ?2 AND year <> ?3
