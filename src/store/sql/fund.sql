-- Money of the programme: sources, movements, the end of a year.

-- name: event_count mode: read
SELECT COUNT(*) FROM event

-- name: fund_moved mode: read
SELECT CAST(COALESCE(SUM(m.amount_fen), 0) AS BIGINT) FROM fund_move m JOIN fund_source s ON s.id = m.source_id
WHERE m.programme_id = ?1 AND m.state = 'booked' AND m.kind = ?2 AND m.year = ?3 AND s.kind_id = ?4
  AND (?5 = 0 OR m.source_id = ?5)

-- The line of the source's own year, or that of the carry-over into the year.
-- name: fund_line_of mode: read
SELECT line_id FROM (
  SELECT b.id AS line_id, 0 AS carried FROM fund_source s JOIN budget_line b ON b.id = s.budget_line_id
  WHERE s.id = ?1 AND b.year = ?2
  UNION ALL
  SELECT m.budget_line_id AS line_id, m.id AS carried FROM fund_move m
  WHERE m.source_id = ?1 AND m.to_year = ?2 AND m.state = 'booked' AND m.budget_line_id <> 0
) lines ORDER BY carried LIMIT 1

-- name: fund_cells mode: read
SELECT voucher_id, order_id, claim_id, amount FROM balance
WHERE programme_id = ?1 AND account = ?2 AND source_id = ?3 AND year = ?4 AND amount <> 0
ORDER BY voucher_id, order_id, claim_id LIMIT ?5
-- pg: FOR UPDATE

-- What keeps a year open: money that is approved and not paid, free, or promised beyond the budget.
-- name: fund_year_left mode: read
SELECT account FROM balance
WHERE programme_id = ?1 AND year <= ?2 AND amount <> 0
  AND account IN ('payable', 'transit', 'pool', 'overcommit')
ORDER BY account LIMIT 1

-- name: fund_position mode: read
SELECT s.id, b.year, s.kind_id, s.code, s.class,
  CAST(-SUM(CASE WHEN b.account = 'fund' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(-SUM(CASE WHEN b.account = 'overcommit' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'pool' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'voucher' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'hold' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'payable' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'transit' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'paid' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'owed' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'recovered' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'written_off' THEN b.amount ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN b.account = 'lapsed' THEN b.amount ELSE 0 END) AS BIGINT)
FROM balance b JOIN fund_source s ON s.id = b.source_id
WHERE b.programme_id = ?1 AND (?2 = 0 OR b.year = ?2)
GROUP BY s.id, b.year, s.kind_id, s.code, s.class ORDER BY b.year, s.id
