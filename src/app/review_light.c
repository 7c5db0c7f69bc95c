/* SPDX-License-Identifier: Apache-2.0 */
/* The light path of review (P-33): what credit spares, and for whom. */
#include "app/app_inner.h"
#include "app/inspection.h"
#include "app/review_claim.h"
#include "app/row_change.h"

#define LIGHT_SCRATCH_MAX ((size_t)8 * 1024 * 1024)

typedef struct light_claim {
    int64_t id, holder_id;
    str content;
} light_claim;

static tq_code light_limit(app *a, const call *c, int64_t *upto_fen, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    bool given = false;
    credit_terms terms = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_credit_get(p, c->today, &given, &terms, err));
    if (!given || terms.light_upto_fen == 0) {
        return tq_fail(err, TQ_REFUSED, "no_light_path", NULL, "the policy has no light path");
    }
    *upto_fen = terms.light_upto_fen;
    return TQ_OK;
}

/* Of the snapshot: each claim is looked at again under its own lock. */
static tq_code light_list(app *a, const call *c, int64_t upto_fen, light_claim *out, size_t *n,
                          tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    *n = 0;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(tx, STMT_REVIEW_LIGHT,
                       ARGS(arg_int(c->who.programme_id), arg_int(upto_fen),
                            arg_int(REVIEW_LIST_MAX)),
                       &q, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < REVIEW_LIST_MAX);
        light_claim *k = &out[(*n)++];
        k->id = row_int(&q);
        k->holder_id = row_int(&q);
        k->content = row_copy(&q, c->a);
    }
}

static tq_code on_light_path(app *a, const call *c, int64_t org_id, bool *out, tq_err *err)
{
    bool given = false;
    credit_sheet sheet;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(credit_sheet_of(a, tx, c->who.programme_id, org_id, c->today, c->a, &given, &sheet,
                           err));
    *out = given && sheet.level == CREDIT_LIGHT;
    return TQ_OK;
}

/* What stops one claim is for the desk; what stops all of them ends the call. */
static bool stops_one(tq_code code)
{
    return code == TQ_REFUSED || code == TQ_CONFLICT || code == TQ_FORBIDDEN;
}

static tq_code check_one(app *a, const call *c, const light_claim *k, light_report *out,
                         tq_err *err)
{
    ARENA_AUTO arena *scratch = arena_new("light path", LIGHT_SCRATCH_MAX);
    call one = *c;
    one.a = scratch;
    bool light = false;
    int64_t decision_id = 0;
    tq_err why = {0};
    TQ_TRY(on_light_path(a, &one, k->holder_id, &light, err));
    if (!light) {
        out->left++;
        return TQ_OK;
    }
    const claim_checking rq = {.claim_id = k->id, .content = k->content};
    const tq_code code = claim_check(a, &one, &rq, &decision_id, &why);
    if (code != TQ_OK && !stops_one(code)) {
        return tq_fail(err, code, why.reason, why.field, "%s", why.detail);
    }
    out->checked += code == TQ_OK;
    out->left += code != TQ_OK;
    return TQ_OK;
}

/* R-CREDIT-040 */
tq_code claims_check_light(app *a, const call *c, light_report *out, tq_err *err)
{
    light_report report = {0};
    int64_t upto_fen = 0;
    size_t n = 0;
    TQ_TRY(programme_need(c, err));
    {
        TX_AUTO store_tx *tx = NULL; /* the role once, before anything is read for it */
        TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER1), &tx, err));
    }
    TQ_TRY(light_limit(a, c, &upto_fen, err));
    light_claim *list = ARENA_NEW(c->a, light_claim, REVIEW_LIST_MAX);
    TQ_TRY(light_list(a, c, upto_fen, list, &n, err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(check_one(a, c, &list[i], &report, err));
    }
    *out = report;
    return TQ_OK;
}
