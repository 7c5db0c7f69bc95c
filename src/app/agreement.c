/* SPDX-License-Identifier: Apache-2.0 */
#include "app/organisation.h"

#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)

tq_code agreement_sign(app *a, const call *c, const agreement_rq *rq, int64_t *agreement_id,
                       tq_err *err)
{
    int64_t id = 0;
    long long digits = 0;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(rq->partner, "agreement.partner", err));
    TQ_TRY(line_need(rq->doc_no, "agreement.doc_no", err));
    TQ_TRY(days_need(rq->from, rq->to, "agreement.to", err));
    if (rq->from.n == 0) {
        return tq_fail(err, TQ_INVALID, "days", "agreement.from", "give the day of signing");
    }
    if (!str_int64(rq->region, &digits) ||
        (rq->region.len != 2 && rq->region.len != 4 && rq->region.len != 6)) {
        return tq_fail(err, TQ_INVALID, "region", "agreement.region",
                       "give 2, 4 or 6 digits of the division");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    if (rq->platform_id != 0) {
        event_value platform[AUDITED_COLS_MAX];
        TQ_TRY(org_need_active(tx, rq->platform_id, c->a, platform, err));
        if (!row_is(platform, C_ORGANISATION_KIND, "platform")) {
            return tq_fail(err, TQ_INVALID, "org_kind", "agreement.platform", "name a platform");
        }
    }
    event e = work_event(c, EV_AGREEMENT_SIGN);
    TQ_TRY(event_new_row(tx, &e, T_AGREEMENT, &id, err));
    event_int(&e, C_AGREEMENT_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_AGREEMENT_PARTNER, rq->partner);
    event_text(&e, C_AGREEMENT_REGION, rq->region);
    event_int(&e, C_AGREEMENT_PLATFORM_ID, rq->platform_id);
    event_int(&e, C_AGREEMENT_FROM_DAY, rq->from.n);
    event_int(&e, C_AGREEMENT_TO_DAY, rq->to.n);
    event_text(&e, C_AGREEMENT_DOC_NO, rq->doc_no);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *agreement_id = id;
    return TQ_OK;
}

tq_code recognition_grant(app *a, const call *c, int64_t org_id, day from, day to,
                          const decision_paper *paper, int64_t *recognition_id, tq_err *err)
{
    int64_t id = 0;
    int64_t decision_id = 0;
    int64_t policy_id = 0;
    const policy *p = NULL;
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(programme_need(c, err));
    TQ_TRY(days_need(from, to, "recognition.to", err));
    if (paper == NULL || paper->number.len == 0 || paper->day.n == 0 || paper->day.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "no_paper", "recognition.paper",
                       "cite the minutes of the group: number and day");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(GROUP), &tx, err));
    TQ_TRY(org_need_active(tx, org_id, c->a, org, err));
    if (!row_is(org, C_ORGANISATION_KIND, "institution")) {
        return tq_fail(err, TQ_INVALID, "org_kind", "recognition.org",
                       "only an institution is recognised one by one");
    }
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    event e = work_event(c, EV_RECOGNITION_GRANT);
    TQ_TRY(event_new_row(tx, &e, T_RECOGNITION, &id, err));
    event_int(&e, C_RECOGNITION_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_RECOGNITION_ORG_ID, org_id);
    event_int(&e, C_RECOGNITION_FROM_DAY, from.n == 0 ? c->today.n : from.n);
    event_int(&e, C_RECOGNITION_TO_DAY, to.n);
    TQ_TRY(decision_add(tx, c, &e, T_RECOGNITION, id, "granted", "recognition", policy_id,
                        STR("{}"), STR("[]"), paper, &decision_id, err));
    event_change(&e, T_RECOGNITION, id);
    event_int(&e, C_RECOGNITION_DECISION_ID, decision_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *recognition_id = id;
    return TQ_OK;
}
