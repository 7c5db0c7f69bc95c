/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_LEDGER_SQL_H
#define TQ_TESTS_LEDGER_SQL_H

/* What must hold of the ledger at every instant, as questions to the tables whose answer is 0, and a
 * connection beside the program's own to ask them by. After store_site.h. */

#include "store_site.h"

/* One connection beside the program's own, for as long as a run. */
typedef struct looking_glass {
    sqlite3 *db;
    PGconn *pg;
} looking_glass;

static inline looking_glass look_in(const char *dir, const char *pg_uri)
{
    char where[128];
    looking_glass g = {0};
    if (pg_uri[0] != '\0') {
        g.pg = PQconnectdb(pg_uri);
        assert_int_equal(PQstatus(g.pg), CONNECTION_OK);
        return g;
    }
    (void)snprintf(where, sizeof where, "%s/tongquan.db", dir);
    assert_int_equal(sqlite3_open_v2(where, &g.db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(g.db, 10000), SQLITE_OK);
    return g;
}

static inline void look_away(looking_glass *g)
{
    PQfinish(g->pg);
    (void)sqlite3_close(g->db);
    *g = (looking_glass){0};
}

typedef void row_fn(void *ctx, const char *text, long long n);

/* Rows of (text, number), or of a number alone. */
static inline void look(const looking_glass *g, const char *sql, row_fn *each, void *ctx)
{
    if (g->pg != NULL) {
        PGresult *r = PQexec(g->pg, sql);
        if (PQresultStatus(r) != PGRES_TUPLES_OK) {
            fail_msg("%s: %s", sql, PQerrorMessage(g->pg));
        }
        for (int i = 0; i < PQntuples(r); i++) {
            each(ctx, PQgetvalue(r, i, 0), strtoll(PQgetvalue(r, i, PQnfields(r) - 1), NULL, 10));
        }
        PQclear(r);
        return;
    }
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(g->db, sql, -1, &st, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(g->db));
    }
    while (sqlite3_step(st) == SQLITE_ROW) {
        each(ctx, (const char *)sqlite3_column_text(st, 0),
             sqlite3_column_int64(st, sqlite3_column_count(st) - 1));
    }
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
}

static inline void take_number(void *ctx, const char *text, long long n)
{
    (void)text;
    *(long long *)ctx = n;
}

#define INSIDE "('voucher','hold','payable','transit','paid','owed','recovered','written_off')"
#define ISSUES "('voucher_issue','voucher_top_up')"

static const char *const ledger_broken[] = {
    /* I1, I2: each entry, source by source and kind by kind */
    "SELECT COUNT(*) FROM (SELECT 1 FROM leg GROUP BY event_id, entry, programme_id, source_id, "
    "kind_id "
    "HAVING SUM(amount) <> 0) AS x",
    /* only a carry-over moves money into another year */
    "SELECT COUNT(*) FROM (SELECT l.event_id FROM leg AS l JOIN event AS e ON e.id = l.event_id "
    "WHERE e.kind <> 'fund_book' GROUP BY l.event_id, l.entry, l.source_id, l.year "
    "HAVING SUM(l.amount) <> 0) AS x",
    /* I3 */
    "SELECT COUNT(*) FROM balance WHERE amount < 0 AND account NOT IN ('fund', 'overcommit') "
    "OR amount > 0 AND account = 'overcommit'",
    /* a balance is the sum of its legs */
    "SELECT COUNT(*) FROM (SELECT SUM(amount) AS s FROM (SELECT programme_id, account, source_id, "
    "year, "
    "kind_id, voucher_id, order_id, claim_id, line_id, amount FROM leg UNION ALL SELECT "
    "programme_id, "
    "account, source_id, year, kind_id, voucher_id, order_id, claim_id, line_id, -amount FROM "
    "balance) AS u "
    "GROUP BY programme_id, account, source_id, year, kind_id, voucher_id, order_id, claim_id, "
    "line_id "
    "HAVING SUM(amount) <> 0) AS x",
    /* I4: issued = voucher + … + written_off + returned, voucher by voucher, source by source; `returned`
     * is what the entries that are no issue moved between it and pool, lapsed or fund */
    "SELECT COUNT(*) FROM (SELECT voucher_id, source_id, kind_id, SUM(s) FROM ("
    "SELECT l.voucher_id, l.source_id, l.kind_id, SUM(l.amount) AS s FROM leg AS l JOIN event AS e "
    "ON e.id = l.event_id WHERE e.kind IN " ISSUES " AND l.account = 'voucher' GROUP BY 1, 2, 3 "
    "UNION ALL SELECT l.voucher_id, l.source_id, l.kind_id, SUM(l.amount) FROM leg AS l JOIN event "
    "AS e "
    "ON e.id = l.event_id WHERE e.kind NOT IN " ISSUES
    " AND l.voucher_id <> 0 AND EXISTS (SELECT 1 FROM leg "
    "AS o WHERE o.event_id = l.event_id AND o.entry = l.entry AND o.account IN ('pool', 'lapsed', "
    "'fund')) "
    "GROUP BY 1, 2, 3 UNION ALL SELECT voucher_id, source_id, kind_id, -SUM(amount) FROM balance "
    "WHERE account IN " INSIDE " GROUP BY 1, 2, 3) AS u GROUP BY 1, 2, 3 HAVING SUM(s) <> 0) AS x",
    /* what the voucher says was issued is what was booked */
    "SELECT COUNT(*) FROM voucher AS v WHERE v.issued_fen <> (SELECT COALESCE(SUM(l.amount), 0) "
    "FROM leg AS l "
    "JOIN event AS e ON e.id = l.event_id WHERE e.kind IN " ISSUES " AND l.account = 'voucher' "
    "AND l.voucher_id = v.id)",
    /* I5: over-commitment is bounded by the scheme's 5 % of what was appropriated */
    "SELECT COUNT(*) FROM (SELECT l.kind_id, l.year FROM leg AS l WHERE l.account IN ('fund', "
    "'overcommit') "
    "GROUP BY 1, 2 HAVING -20 * SUM(CASE WHEN l.account = 'overcommit' THEN l.amount ELSE 0 END) > "
    "SUM(CASE WHEN l.account = 'fund' AND l.amount < 0 THEN -l.amount ELSE 0 END)) AS x",
    /* I9, I10 */
    "SELECT COUNT(*) FROM claim WHERE paid_fen > approved_fen OR approved_fen > asked_fen - "
    "adjusted_fen",
    "SELECT COUNT(*) FROM claim AS c WHERE c.approved_fen < (SELECT COALESCE(SUM(b.amount), 0) "
    "FROM balance "
    "AS b WHERE b.claim_id = c.id AND b.account <> 'hold')",
    /* an ended voucher holds nothing of its own; a debt is what the ledger says */
    "SELECT COUNT(*) FROM voucher AS v JOIN balance AS b ON b.voucher_id = v.id WHERE v.state IN "
    "('expired', 'cancelled') AND b.account = 'voucher' AND b.amount <> 0",
    "SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT claim_id, amount_fen - collected_fen - "
    "set_off_fen - "
    "written_off_fen AS s FROM recovery WHERE state <> 'annulled' UNION ALL SELECT claim_id, "
    "-amount FROM "
    "balance WHERE account = 'owed') AS u GROUP BY claim_id HAVING SUM(s) <> 0) AS x",
    /* what an order holds can be claimed or given back */
    "SELECT COUNT(*) FROM service_order AS o JOIN balance AS b ON b.order_id = o.id WHERE b.account "
    "= 'hold' AND b.amount <> 0 AND o.closed <> 0",
    /* money is with the bank exactly for the lines that are */
    "SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT id AS line_id, amount_fen AS s FROM batch_line "
    "WHERE state IN ('released', 'unknown') UNION ALL SELECT line_id, -amount FROM balance "
    "WHERE account = 'transit') AS u GROUP BY line_id HAVING SUM(s) <> 0) AS x",
};

#undef INSIDE
#undef ISSUES

#endif
