-- The payment list of a batch: a row for each line and budget line that bears a part of it. What a line
-- took from each source is read from the legs of its release, so that later results change nothing; names
-- and the assessment unit are those of the day of release (?2).

-- name: payment_list_rows mode: read
SELECT l.id, l.n, l.payment_no, l.set_off_fen, c.register_no, c.number, c.base_fen, c.asked_fen,
       c.adjusted_fen, c.approved_fen, h.credit_code,
       COALESCE((SELECT MAX(hn.name) FROM org_name hn WHERE hn.org_id = h.id AND hn.from_day <= ?2
                 AND (hn.to_day = 0 OR hn.to_day >= ?2)), h.name),
       COALESCE((SELECT COALESCE((SELECT MAX(un.name) FROM org_name un WHERE un.org_id = u.id AND un.from_day <= ?2
                                  AND (un.to_day = 0 OR un.to_day >= ?2)), u.name)
                 FROM organisation u
                 WHERE u.id = COALESCE((SELECT CAST(f.value AS INTEGER) FROM org_fact f
                                        WHERE f.org_id = h.id AND f.kind = 'assessment_unit' AND f.from_day <= ?2
                                          AND (f.to_day = 0 OR f.to_day >= ?2)
                                        ORDER BY f.from_day DESC, f.id DESC LIMIT 1), h.unit_id)), ''),
       COALESCE((SELECT MIN(COALESCE((SELECT MAX(jn.name) FROM org_name jn WHERE jn.org_id = i.id
                                      AND jn.from_day <= ?2 AND (jn.to_day = 0 OR jn.to_day >= ?2)), i.name))
                 FROM claim_line k JOIN service_order o ON o.id = k.order_id
                 JOIN organisation i ON i.id = o.institution_id WHERE k.claim_id = c.id), ''),
       COALESCE((SELECT MIN(o.region) FROM claim_line k JOIN service_order o ON o.id = k.order_id
                 WHERE k.claim_id = c.id), ''),
       q.name_zh, v.number,
       CAST(COALESCE((SELECT SUM(o.contract_fen) FROM service_order o
                      WHERE o.id IN (SELECT k.order_id FROM claim_line k WHERE k.claim_id = c.id)), 0) AS BIGINT),
       COALESCE(a.holder, ''), COALESCE(a.bank, ''), COALESCE(a.bank_code, ''), COALESCE(a.number, ''),
       b.id, b.doc_no, b.project_code, b.function_code, b.gov_econ_code, b.dept_econ_code, b.nature,
       b.pay_mode, x.amount
FROM (SELECT g.line_id, s.budget_line_id, CAST(SUM(g.amount) AS BIGINT) AS amount
      FROM batch_line y JOIN claim z ON z.id = y.claim_id
      JOIN leg g ON g.voucher_id = z.voucher_id AND g.line_id = y.id AND g.account = 'transit' AND g.amount > 0
      JOIN fund_source s ON s.id = g.source_id
      WHERE y.batch_id = ?1 AND y.state NOT IN ('pulled', 'recalled')
      GROUP BY g.line_id, s.budget_line_id) x
JOIN batch_line l ON l.id = x.line_id
JOIN claim c ON c.id = l.claim_id
JOIN organisation h ON h.id = c.holder_id
JOIN voucher v ON v.id = c.voucher_id
JOIN voucher_kind q ON q.id = v.kind_id
JOIN budget_line b ON b.id = x.budget_line_id
LEFT JOIN bank_account_private a ON a.id = l.account_id
ORDER BY b.year, b.id, l.n

-- The policy that was in force at the end of that day, by the act of the person who put it in force: its
-- own first day may lie earlier. A later version must not change the columns of an old list.
-- name: payment_list_policy mode: read
SELECT p.id FROM policy p JOIN act k ON k.subject = 'policy' AND k.subject_id = p.id AND k.stage = 'policy_check'
WHERE p.programme_id = ?1 AND k.day <= ?2 ORDER BY k.day DESC, k.id DESC LIMIT 1
