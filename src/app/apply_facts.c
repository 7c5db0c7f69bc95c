/* SPDX-License-Identifier: Apache-2.0 */
#include "app/voucher_inner.h"

#include "app/app_inner.h"
#include "app/inspection.h"
#include "app/voucher.h"
#include "base/canon.h"

#define FUND_CELLS_MAX 256
#define TEXT_BYTES_MAX (64 * 1024)
#define LIFE_FROM 0
#define LIFE_TO INT32_MAX

tq_code voucher_kind_code(store_tx *tx, int64_t kind_id, arena *a, str *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_KIND_CODE, ARGS(arg_int(kind_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "voucher_kind", "kind", "there is no such voucher kind");
    }
    *out = row_copy(&r, a);
    return TQ_OK;
}

tq_code org_brief_read(store_tx *tx, int64_t org_id, arena *a, org_brief *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_ORG_BRIEF, ARGS(arg_int(org_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "organisation",
                       "there is no such organisation");
    }
    out->kind = row_copy(&r, a);
    out->region = row_copy(&r, a);
    out->state = row_copy(&r, a);
    out->parent_id = row_int(&r);
    out->since_day = row_int(&r);
    return TQ_OK;
}

tq_code own_org(const call *c, int64_t org_id, tq_err *err)
{
    const role_set agents = R_FIRM | R_INST | ROLES(ROLE_PLATFORM_AGENT);
    if (role_in(c->who.role, agents) && (c->who.org_id == 0 || c->who.org_id != org_id)) {
        return tq_fail(err, TQ_FORBIDDEN, "not_yours", "organisation",
                       "this belongs to another organisation");
    }
    return TQ_OK;
}

tq_code own_programme(const call *c, int64_t programme_id, const char *what, tq_err *err)
{
    if (programme_id != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", what, "there is no such record");
    }
    return TQ_OK;
}

/* Asked for the record of a decision; the gates ask ban_check, which refuses. */
tq_code ban_fact(store_tx *tx, const call *c, int64_t org_id, int64_t *out, tq_err *err)
{
    bool banned = false;
    TQ_TRY(ban_holds(tx, c->who.programme_id, org_id, c->today, &banned, err));
    *out = banned ? 1 : 0;
    return TQ_OK;
}

tq_code voucher_lock_fund(store_tx *tx, int64_t programme_id, int64_t kind_id, tq_err *err)
{
    /* The cells of the outside are never empty once anything was appropriated, while those of the
     * pool may be: so these stand for the fund. */
    TQ_ASSERT(kind_id != 0);
    const ledger_cell like = {.account = ACC_FUND, .kind_id = kind_id};
    ledger_amount cells[FUND_CELLS_MAX];
    int n = 0;
    return ledger_cells(tx, programme_id, &like, cells, FUND_CELLS_MAX, &n, err);
}

/* Under the lock of the fund nothing else of the kind can be issued until this commits. */
tq_code fund_room_read(store_tx *tx, const call *c, const policy *p, int64_t kind_id,
                       const char *kind, fund_room *out, tq_err *err)
{
    const int64_t programme = c->who.programme_id;
    fund_room room = {0};
    policy_fund fund;
    TQ_TRY(policy_fund_get(p, kind, &fund, err));
    TQ_TRY(fiscal_year(tx, programme, c->today, &room.year, err));
    ledger_cell like = {.account = ACC_POOL, .kind_id = kind_id, .year = room.year};
    TQ_TRY(ledger_sum(tx, programme, &like, &room.pool, err));

    ledger_amount cells[FUND_CELLS_MAX];
    int n = 0;
    int64_t appropriated = 0;
    int64_t open = 0;
    like.account = ACC_FUND;
    TQ_TRY(ledger_cells(tx, programme, &like, cells, FUND_CELLS_MAX, &n, err));
    for (int i = 0; i < n; i++) {
        appropriated -= cells[i].amount;
    }
    like.account = ACC_OVERCOMMIT;
    TQ_TRY(ledger_sum(tx, programme, &like, &open, err));
    TQ_ASSERT(open <= 0);
    if (n > 0 && appropriated > 0) {
        const int64_t bound = money_share_floor((money){appropriated}, fund.overcommit).minor;
        room.extra = bound + open > 0 ? bound + open : 0;
        room.extra_source = cells[0].cell.source_id;
    }
    *out = room;
    return TQ_OK;
}

/* Over-commitment comes last, so that it is as small as the pool allows. */
tq_code fund_draw(store_tx *tx, event *e, const fund_room *room, int64_t kind_id,
                  int64_t voucher_id, int64_t amount, tq_err *err)
{
    TQ_ASSERT(amount > 0);
    TQ_ASSERT(voucher_id != 0);
    const ledger_cell with = {.voucher_id = voucher_id};
    const int64_t from_pool = amount < room->pool ? amount : room->pool;
    const int64_t rest = amount - from_pool;
    if (rest > room->extra) {
        return tq_fail(err, TQ_CONFLICT, "insufficient", "pool",
                       "the pool of the year and its over-commitment hold less than is granted");
    }
    if (from_pool > 0) {
        const ledger_cell like = {.account = ACC_POOL, .kind_id = kind_id, .year = room->year};
        TQ_TRY(ledger_move(tx, e, &like, ACC_VOUCHER, &with, from_pool, err));
    }
    if (rest > 0) {
        const ledger_cell from = {.account = ACC_OVERCOMMIT,
                                  .source_id = room->extra_source,
                                  .year = room->year,
                                  .kind_id = kind_id};
        const ledger_cell to = ledger_to(&from, ACC_VOUCHER, &with);
        event_move(e, &from, &to, rest);
    }
    return TQ_OK;
}

/* Without a lock: holder and facts of a registry change seldom, and the caps below are locked. */
static tq_code holder_facts(store_tx *tx, const call *c, const apply_case *k, policy_facts *f,
                            tq_err *err)
{
    org_brief org;
    TQ_TRY(org_brief_read(tx, k->holder_id, c->a, &org, err));
    f->holder_kind = org.kind;
    f->holder_region = org.region;
    f->holder_age_days = org.since_day == 0 ? 0 : c->today.n - org.since_day;
    TQ_TRY(store_int(tx, STMT_HOLDER_RECOGNISED, ARGS(arg_int(k->holder_id), arg_int(c->today.n)),
                     0, &f->holder_recognised, err));
    f->holder_recognised = f->holder_recognised > 0 ? 1 : 0;
    finding_class found = FINDING_NONE;
    TQ_TRY(credit_finding(tx, c->who.programme_id, k->holder_id, c->today, &found, err));
    f->holder_finding = str_of(finding_name(found));
    return ban_fact(tx, c, k->holder_id, &f->holder_banned, err);
}

/* Caps of schemes count calendar years, whatever the fiscal year of the money (P-20). */
static tq_code cap_facts(store_tx *tx, const call *c, const apply_case *k, policy_facts *f,
                         tq_err *err)
{
    const int year = day_ymd(c->today).year;
    const day first = day_of_ymd((ymd){year, 1, 1});
    const day last = day_of_ymd((ymd){year, 12, 31});
    TQ_TRY(store_int(tx, STMT_HOLDER_ISSUED,
                     ARGS(arg_int(k->holder_id), arg_int(k->kind_id), arg_int(first.n),
                          arg_int(last.n)),
                     0, &f->issued_year, err));
    TQ_TRY(store_int(tx, STMT_HOLDER_ISSUED,
                     ARGS(arg_int(k->holder_id), arg_int(k->kind_id), arg_int(LIFE_FROM),
                          arg_int(LIFE_TO)),
                     0, &f->issued_life, err));
    TQ_ASSERT(f->issued_year >= 0);
    TQ_ASSERT(f->issued_life >= f->issued_year);
    TQ_TRY(store_int(tx, STMT_HOLDER_VOUCHERS, ARGS(arg_int(k->holder_id), arg_int(k->kind_id)), 0,
                     &f->vouchers_life, err));
    return store_int(tx, STMT_HOLDER_APPLICATIONS,
                     ARGS(arg_int(k->holder_id), arg_int(k->kind_id), arg_int(k->application_id)),
                     0, &f->open_applications, err);
}

tq_code apply_facts(store_tx *tx, const call *c, const policy *p, const apply_case *k,
                    policy_facts *out, tq_err *err)
{
    policy_facts f = {.today = c->today.n,
                      .voucher_kind = k->kind,
                      .asked = k->asked,
                      .decided = k->decided,
                      .is_top_up = k->voucher_id != 0 ? 1 : 0};
    fund_room room;
    TQ_TRY(holder_facts(tx, c, k, &f, err));
    TQ_TRY(cap_facts(tx, c, k, &f, err));
    TQ_TRY(fund_room_read(tx, c, p, k->kind_id, k->kind.data, &room, err));
    f.pool_left = room.pool + room.extra;
    *out = f;
    return TQ_OK;
}

void decision_texts(const call *c, const policy_facts *f, policy_stage stage,
                    const policy_decision *d, str *facts, str *steps)
{
    BUF_AUTO buf b = buf_max(TEXT_BYTES_MAX);
    policy_facts_write(f, stage, &b);
    TQ_ASSERT(buf_ok(&b));
    *facts = arena_copy(c->a, buf_view(&b));
    buf_clear(&b);
    policy_steps_write(d, &b);
    TQ_ASSERT(buf_ok(&b));
    *steps = arena_copy(c->a, buf_view(&b));
}

void event_note(event *e, const char *key, str text)
{
    BUF_AUTO buf b = buf_max(TEXT_BYTES_MAX);
    canon w = canon_to(&b);
    canon_open(&w);
    canon_kstr(&w, key, text);
    canon_close(&w);
    TQ_ASSERT(buf_ok(&b));
    e->note = arena_copy(e->a, buf_view(&b));
}
