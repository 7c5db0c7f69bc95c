/* SPDX-License-Identifier: Apache-2.0 */
#include "app/voucher.h"

#include "app/person.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#include <stdio.h>

#define R_ISSUES (ROLES(ROLE_OFFICE) | ROLES(ROLE_REVIEWER2) | ROLES(ROLE_GROUP))

#define CODE_LETTERS 20 /* of 5 bits: 100 bits, so that a plain hash cannot be searched */
#define CODE_GROUP 5

static char code_letter(char ch)
{
    return ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
}

void voucher_code_hash(str code, char out[65])
{
    char plain[64];
    size_t n = 0;
    for (size_t i = 0; i < code.len && n < sizeof plain; i++) {
        if (code.data[i] != '-' && code.data[i] != ' ') {
            plain[n++] = code_letter(code.data[i]);
        }
    }
    const str parts[2] = {STR("voucher code"), {plain, n}};
    digest_hex(hash_parts(HASH_SHA256, parts, 2), out);
    TQ_ASSERT(out[64] == '\0');
}

/* The secret itself is stored nowhere: what is typed is hashed and looked up. */
tq_code voucher_by_code(store_tx *tx, str code, int64_t *id, tq_err *err)
{
    char hash[65];
    int64_t found = 0;
    voucher_code_hash(code, hash);
    TQ_TRY(store_int(tx, STMT_VOUCHER_BY_CODE, ARGS(arg_str(str_of(hash))), 0, &found, err));
    if (found == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "voucher.code", "no voucher has this code");
    }
    *id = found;
    return TQ_OK;
}

/* Letters and digits that are not mistaken for one another when copied by hand. */
static void code_make(str seed, const public_number *number, voucher_issued *out)
{
    static const char letters[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    digest d;
    if (seed.len > 0) {
        const str parts[2] = {seed, str_of(number->text)};
        d = hash_parts(HASH_SHA256, parts, 2);
    } else {
        random_bytes(d.b, sizeof d.b);
    }
    size_t n = 0;
    for (int i = 0; i < CODE_LETTERS; i++) {
        if (i > 0 && i % CODE_GROUP == 0) {
            out->code[n++] = '-';
        }
        TQ_ASSERT(n + 1 < sizeof out->code);
        out->code[n++] = letters[d.b[i] & 31];
    }
    out->code[n] = '\0';
}

/* What an approved application may still have, asked under the locks of fund and holder. */
typedef struct issue_ready {
    apply_case k;
    int64_t policy_id;
    int64_t amount;
    const policy *p;
    fund_room room;
    str purpose;
} issue_ready;

static tq_code ready_load(app *a, store_tx *tx, const call *c, int64_t application_id,
                          issue_ready *r, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    bool award = false;
    bool top_up = false;
    TQ_TRY(row_load(tx, T_APPLICATION, application_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_APPLICATION_PROGRAMME_ID), "application", err));
    if (!row_is(row, C_APPLICATION_STATE, "approved")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "application",
                       "it is %.*s and not approved", STR_ARG(row_str(row, C_APPLICATION_STATE)));
    }
    r->amount = row_num(row, C_APPLICATION_GRANTED_FEN);
    r->purpose = row_str(row, C_APPLICATION_PURPOSE);
    r->k = (apply_case){
        .application_id = application_id,
        .holder_id = row_num(row, C_APPLICATION_HOLDER_ID),
        .kind_id = row_num(row, C_APPLICATION_KIND_ID),
        .voucher_id = row_num(row, C_APPLICATION_VOUCHER_ID),
        .asked = r->amount,
    };
    TQ_ASSERT(r->amount > 0);
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &r->policy_id, &r->p, err));
    TQ_TRY(voucher_kind_code(tx, r->k.kind_id, c->a, &r->k.kind, err));
    TQ_TRY(policy_kind_form(r->p, r->k.kind.data, &award, &top_up, err));
    r->k.decided = award ? r->amount : 0;
    return TQ_OK;
}

/* The policy is asked once more: between approval and issue another application of the same holder may
 * have used the cap, or another holder the pool. Locks: fund, then holder. */
static tq_code issue_check(app *a, store_tx *tx, const call *c, int64_t application_id,
                           issue_ready *r, tq_err *err)
{
    event_value holder[AUDITED_COLS_MAX];
    policy_facts f;
    policy_decision d;
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(ready_load(a, tx, c, application_id, r, err));
    TQ_ASSERT(r->p != NULL);
    TQ_TRY(voucher_lock_fund(tx, c->who.programme_id, r->k.kind_id, err));
    TQ_TRY(row_load(tx, T_ORGANISATION, r->k.holder_id, c->a, holder, err));
    TQ_TRY(ban_check(tx, c->who.programme_id, r->k.holder_id, c->today, err));
    TQ_TRY(apply_facts(tx, c, r->p, &r->k, &f, err));
    policy_evaluate(r->p, STAGE_APPLY, &f, &d);
    if (!d.granted) {
        return tq_fail(err, TQ_REFUSED, d.reason, "application", "%s",
                       policy_reason_text(d.reason, false));
    }
    if (d.amount < r->amount) {
        return tq_fail(err, TQ_REFUSED, "cap_reached", "application.granted",
                       "less than was granted may be issued now");
    }
    TQ_TRY(fund_room_read(tx, c, r->p, r->k.kind_id, r->k.kind.data, &r->room, err));
    return delegation_allows(tx, c, r->amount, err);
}

/* The claim clock runs from the last day of use, so that work of the last day can still be claimed. */
static tq_code use_days(store_tx *tx, const call *c, const policy *p, const char *kind, day from,
                        day *use_by, day *claim_by, tq_err *err)
{
    policy_clock use;
    policy_clock claim;
    TQ_TRY(policy_clock_get(p, kind, "use", &use, err));
    TQ_TRY(policy_clock_get(p, kind, "claim", &claim, err));
    TQ_TRY(clock_end(tx, c->who.programme_id, from, &use, use_by, err));
    return clock_end(tx, c->who.programme_id, *use_by, &claim, claim_by, err);
}

/* From here on the amount counts against the caps of the day of issue, not of the filing. */
static void application_issued(event *e, const call *c, int64_t id, int64_t voucher_id)
{
    event_change(e, T_APPLICATION, id);
    event_text(e, C_APPLICATION_STATE, STR("issued"));
    event_int(e, C_APPLICATION_ISSUED_DAY, c->today.n);
    if (voucher_id != 0) {
        event_int(e, C_APPLICATION_VOUCHER_ID, voucher_id);
    }
}

static void voucher_row(event *e, const call *c, const issue_ready *r, const voucher_issued *v)
{
    char hash[65];
    voucher_code_hash(str_of(v->code), hash);
    event_change(e, T_VOUCHER, v->voucher_id);
    event_int(e, C_VOUCHER_PROGRAMME_ID, c->who.programme_id);
    event_text(e, C_VOUCHER_NUMBER, str_of(v->number.text));
    event_int(e, C_VOUCHER_KIND_ID, r->k.kind_id);
    event_int(e, C_VOUCHER_HOLDER_ID, r->k.holder_id);
    event_int(e, C_VOUCHER_APPLICATION_ID, r->k.application_id);
    event_int(e, C_VOUCHER_POLICY_ID, r->policy_id);
    event_text(e, C_VOUCHER_STATE, STR("active"));
    event_int(e, C_VOUCHER_ISSUED_FEN, r->amount);
    event_int(e, C_VOUCHER_ISSUED_DAY, c->today.n);
    event_int(e, C_VOUCHER_USE_BY_DAY, v->use_by.n);
    event_int(e, C_VOUCHER_CLAIM_BY_DAY, v->claim_by.n);
    event_text(e, C_VOUCHER_PURPOSE, r->purpose);
    event_text(e, C_VOUCHER_CODE_HASH, str_of(hash));
}

tq_code voucher_issue(app *a, const call *c, const voucher_issue_request *rq, voucher_issued *out,
                      tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    issue_ready r = {0};
    voucher_issued v = {0};
    TQ_TRY(work_begin(a, c, R_ISSUES, &tx, err));
    TQ_TRY(issue_check(a, tx, c, rq->application_id, &r, err));
    if (r.k.voucher_id != 0) {
        return tq_fail(err, TQ_INVALID, "is_top_up", "application",
                       "this application is for a top-up");
    }
    TQ_TRY(use_days(tx, c, r.p, r.k.kind.data, c->today, &v.use_by, &v.claim_by, err));
    event e = work_event(c, EV_VOUCHER_ISSUE);
    TQ_TRY(act_once(tx, c, &e, T_APPLICATION, rq->application_id, "issue", err));
    TQ_TRY(event_new_row(tx, &e, T_VOUCHER, &v.voucher_id, err));
    TQ_TRY(fund_draw(tx, &e, &r.room, r.k.kind_id, v.voucher_id, r.amount, err));
    TQ_TRY(number_next(tx, c, &e, NUMBER_VOUCHER, &v.number, err));
    code_make(rq->code_seed, &v.number, &v);
    v.amount_fen = r.amount;
    voucher_row(&e, c, &r, &v);
    application_issued(&e, c, rq->application_id, v.voucher_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = v;
    return TQ_OK;
}

/* A top-up changes neither number nor term. */
static void issued_of_row(const event_value *row, voucher_issued *v)
{
    (void)snprintf(v->number.text, sizeof v->number.text, "%.*s",
                   STR_ARG(row_str(row, C_VOUCHER_NUMBER)));
    v->use_by.n = (int32_t)row_num(row, C_VOUCHER_USE_BY_DAY);
    v->claim_by.n = (int32_t)row_num(row, C_VOUCHER_CLAIM_BY_DAY);
}

tq_code voucher_top_up(app *a, const call *c, int64_t application_id, voucher_issued *out,
                       tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    issue_ready r = {0};
    voucher_issued v = {0};
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R_ISSUES, &tx, err));
    TQ_TRY(issue_check(a, tx, c, application_id, &r, err));
    if (r.k.voucher_id == 0) {
        return tq_fail(err, TQ_INVALID, "no_top_up", "application",
                       "this application is for a new voucher");
    }
    TQ_TRY(row_load(tx, T_VOUCHER, r.k.voucher_id, c->a, row, err));
    if (!row_is(row, C_VOUCHER_STATE, "active") ||
        row_num(row, C_VOUCHER_USE_BY_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "voucher_not_active", "voucher",
                       "only an active voucher can be topped up");
    }
    v.voucher_id = r.k.voucher_id;
    v.amount_fen = r.amount;
    issued_of_row(row, &v);
    event e = work_event(c, EV_VOUCHER_TOP_UP);
    TQ_TRY(act_once(tx, c, &e, T_APPLICATION, application_id, "issue", err));
    TQ_TRY(fund_draw(tx, &e, &r.room, r.k.kind_id, v.voucher_id, r.amount, err));
    event_change(&e, T_VOUCHER, v.voucher_id);
    event_int(&e, C_VOUCHER_ISSUED_FEN, row_num(row, C_VOUCHER_ISSUED_FEN) + r.amount);
    application_issued(&e, c, application_id, 0);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = v;
    return TQ_OK;
}

/* The old hash is overwritten in the row and stays in the log, where it opens nothing. */
tq_code voucher_reissue(app *a, const call *c, int64_t id, str code_seed, str cause,
                        voucher_issued *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    voucher_issued v = {.voucher_id = id};
    event_value row[AUDITED_COLS_MAX];
    char hash[65];
    TQ_TRY(line_need(cause, "voucher.cause", err));
    TQ_TRY(work_begin(a, c, R_ISSUES, &tx, err));
    TQ_TRY(row_load(tx, T_VOUCHER, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_VOUCHER_PROGRAMME_ID), "voucher", err));
    TQ_TRY(ban_check(tx, c->who.programme_id, row_num(row, C_VOUCHER_HOLDER_ID), c->today, err));
    if (!row_is(row, C_VOUCHER_STATE, "active")) {
        return tq_fail(err, TQ_CONFLICT, "voucher_not_active", "voucher",
                       "only an active voucher gets a new code");
    }
    issued_of_row(row, &v);
    v.amount_fen = row_num(row, C_VOUCHER_ISSUED_FEN);
    code_make(code_seed, &v.number, &v);
    voucher_code_hash(str_of(v.code), hash);
    event e = work_event(c, EV_VOUCHER_REISSUE);
    event_change(&e, T_VOUCHER, id);
    event_text(&e, C_VOUCHER_CODE_HASH, str_of(hash));
    event_note(&e, "cause", cause);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = v;
    return TQ_OK;
}
