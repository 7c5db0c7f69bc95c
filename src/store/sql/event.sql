-- The event log, legs and balances. Rows of audited tables have statements of their own, made from
-- domain/audited.def.

-- name: event_put mode: write engine: sqlite
INSERT INTO event(id, seq, kind, programme_id, at_us, user_id, person_id, body, leaf_sha256, leaf_sm3)
VALUES (?9, ?9, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: event_add mode: write engine: pg
INSERT INTO event(id, seq, kind, programme_id, at_us, user_id, person_id, body, leaf_sha256, leaf_sm3)
VALUES (nextval('event_id'), 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
RETURNING id

-- Asked once, then the numbers are kept in memory under the writer's turn.
-- name: event_greatest mode: read engine: sqlite
SELECT COALESCE(MAX(id), 0) FROM event

-- name: event_unsequenced mode: write
SELECT id FROM event WHERE seq = 0 ORDER BY id LIMIT ?1

-- `seq <> 0` says to the planner that the index, which leaves those out, is enough.
-- name: event_last_seq mode: read
SELECT COALESCE(MAX(seq), 0) FROM event WHERE seq <> 0

-- name: event_set_seq mode: write
UPDATE event SET seq = ?2 WHERE id = ?1 AND seq = 0

-- name: event_sequencer_lock mode: write engine: sqlite
SELECT 1

-- Installations that are schemas of one database have a sequencer each.
-- name: event_sequencer_lock mode: write engine: pg
SELECT CASE WHEN pg_try_advisory_xact_lock(7430522, 'event'::regclass::oid::int4) THEN CAST(1 AS INTEGER) ELSE CAST(0 AS BIGINT) END

-- name: event_page mode: read
SELECT e.seq, e.id, e.kind, e.body, e.leaf_sha256, e.leaf_sm3, e.programme_id, e.at_us, e.user_id, e.person_id
FROM event e WHERE e.seq > ?1 AND e.seq <> 0 ORDER BY e.seq LIMIT ?2

-- name: event_leaves mode: read
SELECT seq, leaf_sha256, leaf_sm3 FROM event WHERE seq > ?1 AND seq <> 0 ORDER BY seq LIMIT ?2

-- name: private_add mode: write
INSERT INTO private_body(event_id, salt, body) VALUES (?1, ?2, ?3)

-- name: private_get mode: read
SELECT salt, body FROM private_body WHERE event_id = ?1

-- name: leg_add mode: write
INSERT INTO leg(event_id, n, entry, account, amount, programme_id, source_id, year, kind_id,
                voucher_id, order_id, claim_id, line_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- name: leg_page mode: read
SELECT event_id, n, entry, account, amount, programme_id, source_id, year, kind_id,
       voucher_id, order_id, claim_id, line_id
FROM leg WHERE event_id > ?1 AND event_id <= ?2 ORDER BY event_id, n

-- name: balance_give mode: write
INSERT INTO balance(programme_id, account, source_id, year, kind_id, voucher_id, order_id, claim_id, line_id, amount)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (programme_id, account, source_id, year, kind_id, voucher_id, order_id, claim_id, line_id)
DO UPDATE SET amount = balance.amount + excluded.amount

-- name: balance_take mode: write
UPDATE balance SET amount = amount + ?10
WHERE programme_id = ?1 AND account = ?2 AND source_id = ?3 AND year = ?4 AND kind_id = ?5
  AND voucher_id = ?6 AND order_id = ?7 AND claim_id = ?8 AND line_id = ?9

-- name: balance_pool mode: read
SELECT source_id, year, kind_id, voucher_id, order_id, claim_id, line_id, amount FROM balance
WHERE programme_id = ?1 AND account = ?2 AND voucher_id = 0 AND amount <> 0
  AND (?3 = 0 OR source_id = ?3) AND (?4 = 0 OR year = ?4) AND (?5 = 0 OR kind_id = ?5)
ORDER BY year, source_id, order_id, claim_id, line_id LIMIT ?6
-- pg: FOR UPDATE

-- The caller sorts: it reads all of them in any case, and nearly always there is one.
-- name: balance_voucher mode: read
SELECT source_id, year, kind_id, voucher_id, order_id, claim_id, line_id, amount FROM balance
WHERE programme_id = ?9 AND account = ?2 AND voucher_id = ?1 AND amount <> 0
  AND (?3 = 0 OR source_id = ?3) AND (?4 = 0 OR year = ?4) AND (?5 = 0 OR order_id = ?5)
  AND (?6 = 0 OR claim_id = ?6) AND (?7 = 0 OR line_id = ?7)
LIMIT ?8

-- The sum of balance_voucher.
-- name: balance_voucher_total mode: read
SELECT CAST(COALESCE(SUM(amount), 0) AS INTEGER) FROM balance
WHERE programme_id = ?1 AND account = ?2 AND voucher_id = ?3
  AND (?4 = 0 OR source_id = ?4) AND (?5 = 0 OR year = ?5) AND (?6 = 0 OR order_id = ?6)
  AND (?7 = 0 OR claim_id = ?7) AND (?8 = 0 OR line_id = ?8)

-- name: balance_total mode: read
SELECT CAST(COALESCE(SUM(amount), 0) AS INTEGER) FROM balance
WHERE programme_id = ?1 AND account = ?2 AND (?3 = 0 OR source_id = ?3) AND (?4 = 0 OR year = ?4)
  AND (?5 = 0 OR kind_id = ?5)

-- Whose turn it is to begin a series of numbers.
-- name: counter_turn mode: write
SELECT id FROM programme WHERE id = ?1
-- pg: FOR UPDATE

-- name: counter_find mode: write
SELECT id, value FROM counter WHERE programme_id = ?1 AND name = ?2 AND year = ?3
-- pg: FOR UPDATE

-- name: secret_get mode: read
SELECT value FROM secret WHERE name = ?1

-- name: secret_put mode: write
INSERT INTO secret(name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: secret_drop mode: write
DELETE FROM secret WHERE name = ?1

-- name: programme_closed_until mode: read
SELECT closed_until_day FROM programme WHERE id = ?1
