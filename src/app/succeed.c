/* SPDX-License-Identifier: Apache-2.0 */
#include "app/organisation.h"

#include "app/row_change.h"
#include "app/succeed_inner.h"

#define R(r) ROLES(ROLE_##r)
#define BANS_MAX 32
#define CLAIMS_PAGE 200

/* What goes on under the successor: rows that a query finds, and the column that names the holder. Cases
 * go too: a successor owes what is recovered, and bears the ban of a case that is decided later. */
static const struct handed_on {
    store_stmt stmt;
    int table;
    int col;
} all_handed_on[] = {
    {STMT_ORG_VOUCHERS, T_VOUCHER, C_VOUCHER_HOLDER_ID},
    {STMT_ORG_APPLICATIONS, T_APPLICATION, C_APPLICATION_HOLDER_ID},
    {STMT_ORG_ORDERS_BOUGHT, T_SERVICE_ORDER, C_SERVICE_ORDER_HOLDER_ID},
    {STMT_ORG_ORDERS_SOLD, T_SERVICE_ORDER, C_SERVICE_ORDER_INSTITUTION_ID},
    {STMT_ORG_INVITATIONS, T_ORDER_MEMBER, C_ORDER_MEMBER_HOLDER_ID},
    {STMT_ORG_CASES, T_VIOLATION_CASE, C_VIOLATION_CASE_ORG_ID},
};

static tq_code hand_on(store_tx *tx, event *e, const struct handed_on *h, int64_t from, int64_t to,
                       tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_ASSERT(from != to);
    TQ_ASSERT(audited_col_of(h->col)->table == h->table);
    TQ_TRY(store_query(tx, h->stmt, ARGS(arg_int(from)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        if (e->n_rows + BANS_MAX + 2 >= EVENT_ROWS_MAX) {
            return tq_fail(err, TQ_LIMIT, "event_rows", "organisation",
                           "the organisation has more open records than one act can hand on");
        }
        event_change(e, h->table, row_int(&r));
        event_int(e, h->col, to);
    }
}

typedef struct held_ban {
    int64_t programme_id, from_day, to_day, case_id;
    str scope, article;
} held_ban;

static tq_code bans_read(store_tx *tx, const call *c, int64_t org_id, held_ban *out, size_t *n,
                         tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    size_t count = 0;
    TQ_TRY(store_query(tx, STMT_ORG_BANS_HOLDING, ARGS(arg_int(org_id), arg_int(c->today.n)), &r,
                       err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        if (count == BANS_MAX) {
            return tq_fail(err, TQ_LIMIT, "bans", "organisation", "there are more than %d bans",
                           BANS_MAX);
        }
        held_ban *b = &out[count++];
        b->programme_id = row_int(&r);
        b->scope = row_copy(&r, c->a);
        b->from_day = row_int(&r);
        b->to_day = row_int(&r);
        b->case_id = row_int(&r);
        b->article = row_copy(&r, c->a);
    }
    *n = count;
    return TQ_OK;
}

/* A ban is not shaken off by a merger. */
static tq_code bans_hand_on(store_tx *tx, const call *c, event *e, int64_t from, int64_t to,
                            tq_err *err)
{
    held_ban bans[BANS_MAX];
    size_t n = 0;
    TQ_TRY(bans_read(tx, c, from, bans, &n, err));
    for (size_t i = 0; i < n; i++) {
        int64_t id = 0;
        TQ_TRY(event_new_row(tx, e, T_BAN, &id, err));
        event_int(e, C_BAN_ORG_ID, to);
        event_int(e, C_BAN_PROGRAMME_ID, bans[i].programme_id);
        event_text(e, C_BAN_SCOPE, bans[i].scope);
        event_int(e, C_BAN_FROM_DAY, bans[i].from_day);
        event_int(e, C_BAN_TO_DAY, bans[i].to_day);
        event_int(e, C_BAN_CASE_ID, bans[i].case_id);
        event_text(e, C_BAN_STATE, STR("active"));
        event_text(e, C_BAN_ARTICLE, bans[i].article);
    }
    return TQ_OK;
}

/* Undecided claims of the organisation after id `after`, in the order of their ids. */
static tq_code claims_page(store_tx *tx, int64_t org_id, int64_t after, int64_t *ids, int *n,
                           tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ORG_CLAIMS_OPEN,
                       ARGS(arg_int(org_id), arg_int(after), arg_int(CLAIMS_PAGE)), &r, err));
    *n = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < CLAIMS_PAGE);
        ids[(*n)++] = row_int(&r);
    }
}

/* R-ORG-020: claims follow the vouchers and orders that have moved, each in an event of its own. */
static tq_code claims_hand_on(app *a, store_tx *tx, const call *c, int64_t from, tq_err *err)
{
    int64_t ids[CLAIMS_PAGE];
    int64_t after = 0;
    int n = CLAIMS_PAGE;
    while (n == CLAIMS_PAGE) {
        TQ_TRY(claims_page(tx, from, after, ids, &n, err));
        for (int i = 0; i < n; i++) {
            TQ_ASSERT(ids[i] > after);
            TQ_TRY(claim_follow(a, tx, c, ids[i], err));
            after = ids[i];
        }
    }
    return TQ_OK;
}

/* Teams and enterprises are succeeded by enterprises, the rest by their own kind. */
static tq_code kinds_fit(const event_value *from, const event_value *to, tq_err *err)
{
    const bool firm = row_is(from, C_ORGANISATION_KIND, "team") ||
                      row_is(from, C_ORGANISATION_KIND, "enterprise");
    const bool fit =
        firm ? row_is(to, C_ORGANISATION_KIND, "enterprise")
             : str_eq(row_str(from, C_ORGANISATION_KIND), row_str(to, C_ORGANISATION_KIND));
    if (!fit) {
        return tq_fail(
            err, TQ_INVALID, "org_kind", "successor",
            "a team or enterprise is succeeded by an enterprise, others by their own kind");
    }
    return TQ_OK;
}

tq_code org_succeed(app *a, const call *c, int64_t org_id, int64_t successor_id, tq_err *err)
{
    if (org_id == successor_id) {
        return tq_fail(err, TQ_INVALID, "link_self", "successor", "name another organisation");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    event_value from[AUDITED_COLS_MAX];
    event_value to[AUDITED_COLS_MAX];
    TQ_TRY(org_need_active(tx, org_id, c->a, from, err));
    TQ_TRY(org_need_active(tx, successor_id, c->a, to, err));
    TQ_TRY(kinds_fit(from, to, err));
    event e = work_event(c, EV_ORG_MERGE);
    event_change(&e, T_ORGANISATION, org_id);
    event_text(&e, C_ORGANISATION_STATE,
               row_is(from, C_ORGANISATION_KIND, "team") ? STR("converted") : STR("merged"));
    event_int(&e, C_ORGANISATION_SUCCESSOR_ID, successor_id);
    for (size_t i = 0; i < TQ_COUNT(all_handed_on); i++) {
        TQ_TRY(hand_on(tx, &e, &all_handed_on[i], org_id, successor_id, err));
    }
    TQ_TRY(bans_hand_on(tx, c, &e, org_id, successor_id, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(claims_hand_on(a, tx, c, org_id, err));
    return store_commit(&tx, err);
}
