-- Inquiries: which one a reading falls under, what a hold keeps, and what has outlived its term.

-- The oldest open one that covers the row: ?3 is its table, ?4 its id.
-- name: inquiry_covering mode: read
SELECT COALESCE(MIN(i.id), 0) FROM inquiry i JOIN inquiry_private p ON p.id = i.id
WHERE i.programme_id = ?1 AND i.state = 'open' AND i.from_day <= ?2 AND i.until_day >= ?2
  AND (p.scope <> 'organisation' OR p.subject_id IN (
    SELECT holder_id FROM application WHERE ?3 = 'application' AND id = ?4
    UNION ALL SELECT holder_id FROM service_order WHERE ?3 = 'service_order' AND id = ?4
    UNION ALL SELECT institution_id FROM service_order WHERE ?3 = 'service_order' AND id = ?4
    UNION ALL SELECT o.holder_id FROM delivery d JOIN service_order o ON o.id = d.order_id
        WHERE ?3 = 'delivery' AND d.id = ?4
    UNION ALL SELECT o.institution_id FROM delivery d JOIN service_order o ON o.id = d.order_id
        WHERE ?3 = 'delivery' AND d.id = ?4
    UNION ALL SELECT holder_id FROM claim WHERE ?3 = 'claim' AND id = ?4
    UNION ALL SELECT o.institution_id FROM claim_line l JOIN service_order o ON o.id = l.order_id
        WHERE ?3 = 'claim' AND l.claim_id = ?4
    UNION ALL SELECT org_id FROM violation_case WHERE ?3 = 'violation_case' AND id = ?4
    UNION ALL SELECT org_id FROM inspection WHERE ?3 = 'inspection' AND id = ?4
    UNION ALL SELECT holder_id FROM voucher WHERE ?3 = 'voucher' AND id = ?4
    UNION ALL SELECT org_id FROM signal WHERE ?3 = 'signal' AND id = ?4
    UNION ALL SELECT org_id FROM bank_account WHERE ?3 = 'bank_account' AND id = ?4
    UNION ALL SELECT org_id FROM user_account WHERE ?3 = 'user_account' AND id = ?4
    UNION ALL SELECT v.org_id FROM recovery r JOIN violation_case v ON v.id = r.case_id
        WHERE ?3 = 'recovery' AND r.id = ?4
    UNION ALL SELECT c.holder_id FROM objection b JOIN claim c ON c.id = b.claim_id
        WHERE ?3 = 'objection' AND b.id = ?4))

-- name: inquiry_sealed_add mode: write engine: sqlite
INSERT INTO sealed_log(id, inquiry_id, at_us, programme_id, user_id, person_id, for_user_id, role, subject, subject_id,
    what, page)
SELECT COALESCE(MAX(id), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM sealed_log

-- name: inquiry_sealed_add mode: write engine: pg
INSERT INTO sealed_log(id, inquiry_id, at_us, programme_id, user_id, person_id, for_user_id, role, subject, subject_id,
    what, page)
VALUES (nextval('sealed_log_id'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)

-- name: inquiry_over mode: read
SELECT id FROM inquiry WHERE programme_id = ?1 AND state = 'open' AND until_day < ?2 AND id > ?3 ORDER BY id LIMIT ?4

-- Holds that keep what is known of a person: ?1.
-- name: inquiry_holds_person mode: read
SELECT COUNT(*) FROM inquiry i JOIN inquiry_private p ON p.id = i.id
WHERE i.hold = 1 AND (p.scope = 'programme' OR (p.scope = 'person' AND p.subject_id = ?1)
  OR (p.scope = 'organisation' AND p.subject_id IN (SELECT org_id FROM user_account WHERE person_id = ?1)))

-- name: inquiry_holds_programme mode: read
SELECT COUNT(*) FROM inquiry WHERE hold = 1 AND programme_id = ?1

-- What retention erases: ?2 is the last day of closing that is old enough.
-- name: retention_tips mode: read
SELECT id FROM tip
WHERE programme_id = ?1 AND state = 'closed' AND closed_day <= ?2 AND id > ?3 ORDER BY id LIMIT ?4

-- name: retention_objections mode: read
SELECT o.id FROM objection o JOIN decision d ON d.id = o.decision_id JOIN objection_private p ON p.id = o.id
WHERE o.programme_id = ?1 AND d.day <= ?2 AND (p.name <> '' OR p.contact <> '') AND o.id > ?3 ORDER BY o.id LIMIT ?4

-- name: retention_inquiries mode: read
SELECT id FROM inquiry
WHERE programme_id = ?1 AND (state = 'ended' OR state = 'refused') AND hold = 0 AND until_day <= ?2 AND id > ?3
ORDER BY id LIMIT ?4
