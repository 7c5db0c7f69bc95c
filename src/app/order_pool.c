/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_pool.h"

#include "app/order_inner.h"
#include "app/organisation.h"
#include "app/row_change.h"

tq_code order_pool_members(store_tx *tx, int64_t order_id, order_member *out, size_t *n,
                           tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    size_t count = 0;
    TQ_TRY(store_query(tx, STMT_ORDER_MEMBERS, ARGS(arg_int(order_id)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < ORDER_MEMBERS_MAX); /* order_member_invite writes no more */
        order_member *m = &out[count++];
        m->id = row_int(&r);
        m->holder_id = row_int(&r);
        m->part_id = row_int(&r);
        m->invited = str_eq(row_text(&r), STR("invited"));
    }
    *n = count;
    return TQ_OK;
}

tq_code order_pool_lead(store_tx *tx, int64_t order_id, int64_t *lead_id, tq_err *err)
{
    TQ_ASSERT(order_id != 0);
    return store_int(tx, STMT_ORDER_MEMBER_LEAD, ARGS(arg_int(order_id)), 0, lead_id, err);
}

tq_code order_need_no_part(store_tx *tx, const order_case *k, tq_err *err)
{
    int64_t lead = 0;
    TQ_TRY(order_pool_lead(tx, k->id, &lead, err));
    if (lead != 0) {
        return tq_fail(err, TQ_CONFLICT, "pooled", "order",
                       "it is a part of order %lld, which is answered as a whole", (long long)lead);
    }
    return TQ_OK;
}

/* R-ORDER-020: all parts or none. An invitation without an answer, or a member that has gone, would
 * change what the institution was asked for. */
tq_code order_pool_accept(app *a, store_tx *tx, const call *c, event *e, int64_t lead_id,
                          tq_err *err)
{
    order_member m[ORDER_MEMBERS_MAX];
    size_t n = 0;
    TQ_TRY(order_pool_members(tx, lead_id, m, &n, err));
    for (size_t i = 0; i < n; i++) {
        order_case k = {0};
        if (m[i].invited) {
            return tq_fail(err, TQ_CONFLICT, "member_open", "order",
                           "an invited member has not answered yet");
        }
        TQ_TRY(order_case_open(a, tx, c, m[i].part_id, false, &k, err));
        if (!row_is(k.row, C_SERVICE_ORDER_STATE, "proposed")) {
            return tq_fail(err, TQ_CONFLICT, "pool_changed", "order",
                           "a member has left; the firm takes it out first");
        }
        event_entry(e); /* money of each holder in an entry of its own */
        TQ_TRY(order_accept_in(tx, c, e, &k, err));
    }
    return TQ_OK;
}

tq_code order_pool_end(store_tx *tx, event *e, int64_t lead_id, const char *state, str cause,
                       tq_err *err)
{
    order_member m[ORDER_MEMBERS_MAX];
    size_t n = 0;
    TQ_TRY(order_pool_members(tx, lead_id, m, &n, err));
    for (size_t i = 0; i < n; i++) {
        event_value part[AUDITED_COLS_MAX];
        if (m[i].part_id == 0) {
            continue;
        }
        TQ_TRY(row_load(tx, T_SERVICE_ORDER, m[i].part_id, e->a, part, err));
        if (row_is(part, C_SERVICE_ORDER_STATE, "proposed")) {
            order_state_change(e, m[i].part_id, state, cause);
            event_int(e, C_SERVICE_ORDER_CLOSED, 1);
        }
    }
    return TQ_OK;
}

/* Does the policy allow one more beside the inviter and those who are in? */
static tq_code room_need(store_tx *tx, const order_case *k, int64_t holder_id, tq_err *err)
{
    order_member m[ORDER_MEMBERS_MAX];
    size_t n = 0;
    int64_t most = 0;
    TQ_TRY(policy_pooling_get(k->p, k->kind.data, &most, err));
    TQ_TRY(order_pool_members(tx, k->id, m, &n, err));
    TQ_ASSERT(most >= 0);
    for (size_t i = 0; i < n; i++) {
        if (m[i].holder_id == holder_id) {
            return tq_fail(err, TQ_CONFLICT, "member_known", "member.holder",
                           "it is invited already");
        }
    }
    if ((int64_t)n + 2 > most || n == ORDER_MEMBERS_MAX) { /* the inviter, those in, the new one */
        return tq_fail(err, TQ_REFUSED, "pooling", "member",
                       most == 0 ? "the policy does not let holders buy together"
                                 : "the policy allows no more members");
    }
    return TQ_OK;
}

static tq_code invite_need(store_tx *tx, const call *c, const order_case *k,
                           const order_invitation *rq, tq_err *err)
{
    org_brief org;
    TQ_TRY(order_need_state(k, "proposed", err));
    TQ_TRY(order_need_no_part(tx, k, err));
    if (order_without_login(row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND))) {
        return tq_fail(err, TQ_INVALID, "pool_kind", "order",
                       "a service that the holder accepts itself is bought alone");
    }
    if (rq->holder_id == k->holder_id) {
        return tq_fail(err, TQ_INVALID, "link_self", "member.holder", "name another organisation");
    }
    if (rq->contract_fen <= 0 || rq->contract_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "amount_range", "member.contract",
                       "the share is above zero");
    }
    TQ_TRY(org_brief_read(tx, rq->holder_id, c->a, &org, err));
    if (!str_eq(org.state, STR("active"))) {
        return tq_fail(err, TQ_CONFLICT, "organisation_state", "member.holder",
                       "the organisation is no longer active");
    }
    return room_need(tx, k, rq->holder_id, err);
}

static tq_code invited_find(store_tx *tx, order_invitation *rq, tq_err *err)
{
    if (rq->holder_id == 0) {
        TQ_TRY(org_by_code(tx, rq->holder_code, &rq->holder_id, err));
    }
    return rq->holder_id != 0
               ? TQ_OK
               : tq_fail(err, TQ_INVALID, "holder_unknown", "member.holder_code",
                         "nobody with this credit code takes part; the firm registers first");
}

tq_code order_member_invite(app *a, const call *c, const order_invitation *rq, int64_t *member_id,
                            tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_invitation invited = *rq;
    order_case k = {0};
    int64_t id = 0;
    TQ_TRY(work_begin(a, c, R_FIRM, &tx, err));
    TQ_TRY(order_case_open(a, tx, c, rq->order_id, false, &k, err));
    TQ_TRY(invited_find(tx, &invited, err));
    TQ_TRY(invite_need(tx, c, &k, &invited, err));
    event e = work_event(c, EV_ORDER_MEMBER_INVITE);
    TQ_TRY(event_new_row(tx, &e, T_ORDER_MEMBER, &id, err));
    event_int(&e, C_ORDER_MEMBER_ORDER_ID, k.id);
    event_int(&e, C_ORDER_MEMBER_HOLDER_ID, invited.holder_id);
    event_int(&e, C_ORDER_MEMBER_CONTRACT_FEN, rq->contract_fen);
    event_text(&e, C_ORDER_MEMBER_STATE, STR("invited"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *member_id = id;
    return TQ_OK;
}

/* The member's row and the order it is invited to, both locked. */
static tq_code member_open(store_tx *tx, const call *c, int64_t member_id, event_value *member,
                           event_value *lead, tq_err *err)
{
    TQ_TRY(row_load(tx, T_ORDER_MEMBER, member_id, c->a, member, err));
    TQ_TRY(row_load(tx, T_SERVICE_ORDER, row_num(member, C_ORDER_MEMBER_ORDER_ID), c->a, lead,
                    err));
    TQ_TRY(own_programme(c, row_num(lead, C_SERVICE_ORDER_PROGRAMME_ID), "order_member", err));
    if (!row_is(lead, C_SERVICE_ORDER_STATE, "proposed")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "order",
                       "the order is %.*s; who takes part is settled",
                       STR_ARG(row_str(lead, C_SERVICE_ORDER_STATE)));
    }
    return TQ_OK;
}

tq_code order_member_join(app *a, const call *c, const order_joining *rq, order_result *out,
                          tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value member[AUDITED_COLS_MAX];
    event_value lead[AUDITED_COLS_MAX];
    order_result r = {0};
    TQ_TRY(line_may(rq->purpose, "order.purpose", err));
    TQ_TRY(work_begin(a, c, R_FIRM, &tx, err));
    TQ_TRY(member_open(tx, c, rq->member_id, member, lead, err));
    TQ_TRY(own_org(c, row_num(member, C_ORDER_MEMBER_HOLDER_ID), err));
    if (!row_is(member, C_ORDER_MEMBER_STATE, "invited")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "order_member", "it has answered already");
    }
    const order_proposal part = {
        .voucher_id = rq->voucher_id,
        .institution_id = row_num(lead, C_SERVICE_ORDER_INSTITUTION_ID),
        .outcome_kind = row_str(lead, C_SERVICE_ORDER_OUTCOME_KIND),
        .title = row_str(lead, C_SERVICE_ORDER_TITLE),
        .purpose = rq->purpose,
        .compulsory = row_num(lead, C_SERVICE_ORDER_COMPULSORY) != 0,
        .contract_fen = row_num(member, C_ORDER_MEMBER_CONTRACT_FEN),
        .voucher_fen = rq->voucher_fen,
        .end = {(int32_t)row_num(lead, C_SERVICE_ORDER_END_DAY)},
    };
    TQ_TRY(order_propose_in(a, tx, c, &part, &r, err));
    if (r.accepted) { /* a refusal is a decision on the voucher, and the invitation stays open */
        event e = work_event(c, EV_ORDER_MEMBER_JOIN);
        event_change(&e, T_ORDER_MEMBER, rq->member_id);
        event_int(&e, C_ORDER_MEMBER_MEMBER_ORDER_ID, r.order_id);
        event_text(&e, C_ORDER_MEMBER_STATE, STR("joined"));
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    TQ_TRY(store_commit(&tx, err));
    *out = r;
    return TQ_OK;
}

tq_code order_member_leave(app *a, const call *c, int64_t member_id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value member[AUDITED_COLS_MAX];
    event_value lead[AUDITED_COLS_MAX];
    TQ_TRY(line_need(cause, "order.cause", err));
    TQ_TRY(work_begin(a, c, R_FIRM, &tx, err));
    TQ_TRY(member_open(tx, c, member_id, member, lead, err));
    if (own_org(c, row_num(lead, C_SERVICE_ORDER_HOLDER_ID), NULL) != TQ_OK) {
        TQ_TRY(own_org(c, row_num(member, C_ORDER_MEMBER_HOLDER_ID), err));
    }
    const int64_t part_id = row_num(member, C_ORDER_MEMBER_MEMBER_ORDER_ID);
    event e = work_event(c, EV_ORDER_MEMBER_LEAVE);
    event_change(&e, T_ORDER_MEMBER, member_id);
    event_text(&e, C_ORDER_MEMBER_STATE, STR("declined"));
    if (part_id != 0) {
        event_value part[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_SERVICE_ORDER, part_id, c->a, part, err));
        if (row_is(part, C_SERVICE_ORDER_STATE, "proposed")) {
            order_state_change(&e, part_id, "cancelled", cause);
            event_int(&e, C_SERVICE_ORDER_CLOSED, 1);
        }
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
