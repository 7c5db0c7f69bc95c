/* SPDX-License-Identifier: Apache-2.0 */
#include "app/supplement.h"

#include "app/claim_inner.h"
#include "app/due_rows.h"
#include "app/voucher_inner.h"
#include "base/canon.h"

tq_code supplement_by(app *a, store_tx *tx, const call *c, const char *kind, day *out, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    policy_clock term;
    tq_err why = {0};
    *out = (day){0};
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    const tq_code code = policy_clock_get(p, kind, "supplement", &term, &why);
    if (code == TQ_INVALID && strcmp(why.reason, "policy_unset") == 0) {
        return TQ_OK; /* no term was published: nobody is thrown out by one */
    }
    if (code != TQ_OK) {
        return tq_fail(err, code, why.reason, why.field, "%s", why.detail);
    }
    return clock_end(tx, c->who.programme_id, c->today, &term, out, err);
}

static void day_member(canon *w, const char *key, day d)
{
    BUF_AUTO buf b = buf_max(32);
    day_print(d, &b);
    TQ_ASSERT(buf_ok(&b));
    canon_kstr(w, key, buf_view(&b));
}

/* {"return_by":"2013-10-16","on":"2013-10-17"}: what the decision stands on. */
static str lapse_facts(const call *c, int64_t return_by)
{
    BUF_AUTO buf b = buf_max(256);
    canon w = canon_to(&b);
    TQ_ASSERT(return_by > 0);
    TQ_ASSERT(return_by < c->today.n);
    canon_open(&w);
    day_member(&w, "return_by", (day){(int32_t)return_by});
    day_member(&w, "on", c->today);
    canon_close(&w);
    TQ_ASSERT(buf_ok(&b));
    return arena_copy(c->a, buf_view(&b));
}

static tq_code due_need(const call *c, int64_t last, const char *field, tq_err *err)
{
    if (last == 0 || last >= c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "not_due", field, "its last day has not passed");
    }
    return TQ_OK;
}

tq_code application_lapse(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    TQ_TRY(work_begin(a, c, R_SYSTEM, &tx, err));
    TQ_TRY(row_load(tx, T_APPLICATION, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_APPLICATION_PROGRAMME_ID), "application", err));
    if (!row_is(row, C_APPLICATION_STATE, "returned")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "application", "it is not returned");
    }
    const int64_t by = row_num(row, C_APPLICATION_RETURN_BY_DAY);
    TQ_TRY(due_need(c, by, "application.return_by", err));
    event e = work_event(c, EV_APPLICATION_WITHDRAW);
    TQ_TRY(decision_add(tx, c, &e, T_APPLICATION, id, "withdrawn", "supplement_late", 0,
                        lapse_facts(c, by), STR("[]"), NULL, &decision, err));
    event_change(&e, T_APPLICATION, id);
    event_text(&e, C_APPLICATION_STATE, STR("withdrawn"));
    event_int(&e, C_APPLICATION_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code claim_lapse(app *a, const call *c, int64_t claim_id, tq_err *err)
{
    static const char *const returned[] = {"returned", NULL};
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    int64_t decision = 0;
    TQ_TRY(work_begin(a, c, R_SYSTEM, &tx, err));
    TQ_TRY(claim_case_open(a, tx, c, claim_id, false, &k, err));
    TQ_TRY(claim_need_state(k, returned, err));
    const int64_t by = row_num(k->row, C_CLAIM_RETURN_BY_DAY);
    TQ_TRY(due_need(c, by, "claim.return_by", err));
    TQ_TRY(due_need(c, row_num(k->voucher, C_VOUCHER_CLAIM_BY_DAY), "voucher.claim_by", err));
    event e = work_event(c, EV_CLAIM_WITHDRAW);
    TQ_TRY(decision_add(tx, c, &e, T_CLAIM, claim_id, "withdrawn", "supplement_late", k->policy_id,
                        lapse_facts(c, by), STR("[]"), NULL, &decision, err));
    claim_free_lines(k, &e);
    event_change(&e, T_CLAIM, claim_id);
    event_text(&e, C_CLAIM_STATE, STR("withdrawn"));
    event_int(&e, C_CLAIM_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code supplement_due(app *a, const call *c, supplement_clocks *done, tq_err *err)
{
    supplement_clocks r = {0};
    TQ_TRY(due_rows_run(a, c, STMT_APPLICATION_DUE, application_lapse, "application",
                        &r.applications, err));
    TQ_TRY(due_rows_run(a, c, STMT_CLAIM_DUE_LAPSE, claim_lapse, "claim", &r.claims, err));
    *done = r;
    return TQ_OK;
}
