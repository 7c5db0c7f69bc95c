-- Applications: what the policy asks of a holder, and the lists of those who decide.

-- name: kind_code mode: read
SELECT code FROM voucher_kind WHERE id = ?1

-- name: org_brief mode: read
SELECT kind, region, state, parent_id, since_day FROM organisation WHERE id = ?1

-- name: holder_recognised mode: read
SELECT COUNT(*) FROM org_fact
WHERE org_id = ?1 AND kind = 'recognition' AND from_day <= ?2 AND (to_day = 0 OR to_day >= ?2)

-- Issued to a holder in a kind from day ?3 to ?4, as far as it has not come back. An amount counts on the
-- day of its own application (a top-up may fall in a later year than its voucher); what a voucher was
-- issued beyond its applications came by the opening import. Of a voucher never more counts than is left
-- of it, so that the days of one year are never more than those of its life.
-- name: holder_issued mode: read
SELECT CAST(COALESCE(SUM(CASE WHEN y.given < y.kept THEN y.given ELSE y.kept END), 0) AS BIGINT)
FROM (SELECT x.kept,
        x.in_days + CASE WHEN x.issued_day >= ?3 AND x.issued_day <= ?4 THEN x.issued_fen - x.granted ELSE 0 END
          AS given
      FROM (SELECT v.issued_day, v.issued_fen,
              COALESCE((SELECT SUM(b.amount) FROM balance b WHERE b.voucher_id = v.id), 0) AS kept,
              COALESCE((SELECT SUM(a.granted_fen) FROM application a
                        WHERE a.voucher_id = v.id AND a.state = 'issued'), 0) AS granted,
              COALESCE((SELECT SUM(a.granted_fen) FROM application a
                        WHERE a.voucher_id = v.id AND a.state = 'issued'
                          AND a.issued_day >= ?3 AND a.issued_day <= ?4), 0) AS in_days
            FROM voucher v WHERE v.holder_id = ?1 AND v.kind_id = ?2) AS x) AS y

-- name: holder_vouchers mode: read
SELECT COUNT(*) FROM voucher WHERE holder_id = ?1 AND kind_id = ?2

-- name: holder_applications mode: read
SELECT COUNT(*) FROM application
WHERE holder_id = ?1 AND kind_id = ?2 AND id <> ?3 AND state IN ('submitted', 'returned', 'approved')

-- Returned, and nothing was supplied in time.
-- name: application_due mode: read
SELECT id FROM application
WHERE state = 'returned' AND return_by_day < ?2 AND return_by_day <> 0 AND programme_id = ?1 AND id > ?3
ORDER BY id LIMIT ?4

-- A returned claim on which nothing can be paid any more (a late supplement is not refused before).
-- name: claim_due_lapse mode: read
SELECT c.id FROM claim c JOIN voucher v ON v.id = c.voucher_id
WHERE c.state = 'returned' AND c.return_by_day < ?2 AND c.return_by_day <> 0 AND c.programme_id = ?1
  AND v.claim_by_day < ?2 AND v.claim_by_day <> 0 AND c.id > ?3
ORDER BY c.id LIMIT ?4

-- name: application_list mode: read
SELECT a.id, a.number, a.kind_id, a.holder_id, o.name, a.voucher_id, a.way, a.asked_fen, a.granted_fen,
       a.state, a.filed_day
FROM application a JOIN organisation o ON o.id = a.holder_id
WHERE a.programme_id = ?1 AND a.state = ?2 AND a.id > ?3 ORDER BY a.id LIMIT ?4
