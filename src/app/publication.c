/* SPDX-License-Identifier: Apache-2.0 */
#include "app/publication.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/app_inner.h"
#include "app/claim_inner.h"
#include "app/register_filing.h"
#include "app/review_claim.h"
#include "app/succeed_inner.h"
#include "app/voucher.h"

static tq_code claim_row(store_tx *tx, const call *c, int64_t claim_id, const char *state,
                         event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, row, err));
    if (row_num(row, C_CLAIM_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "claim", "there is no such record");
    }
    if (!row_is(row, C_CLAIM_STATE, state)) {
        return tq_fail(err, TQ_CONFLICT, "claim_state", "claim", "claim %.*s is %.*s, not %s",
                       STR_ARG(row_str(row, C_CLAIM_NUMBER)), STR_ARG(row_str(row, C_CLAIM_STATE)),
                       state);
    }
    return TQ_OK;
}

tq_code claim_register(app *a, const call *c, int64_t claim_id, public_number *number, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    char content[65];
    public_number given = {0};
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_REVIEWER2), &tx, err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(claim_row(tx, c, claim_id, "approved", row, err));
    TQ_TRY(claim_content_check(tx, claim_id, c->a, content, err)); /* I16 */
    event e = work_event(c, EV_CLAIM_REGISTER);
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, claim_id, "register", err));
    const str known = row_str(row, C_CLAIM_REGISTER_NO);
    if (known.len > 0) {
        (void)snprintf(given.text, sizeof given.text, "%.*s", STR_ARG(known));
    } else {
        TQ_TRY(number_next(tx, c, &e, NUMBER_REGISTER, &given, err));
    }
    event_change(&e, T_CLAIM, claim_id);
    event_text(&e, C_CLAIM_STATE, STR("registered"));
    if (known.len == 0) {
        event_text(&e, C_CLAIM_REGISTER_NO, str_of(given.text));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(register_follow(tx, c, claim_id, row_num(row, C_CLAIM_APPROVED_FEN), REGISTER_AGAIN,
                           err));
    TQ_TRY(store_commit(&tx, err));
    *number = given;
    return TQ_OK;
}

/* Last day of the publication as the kind of this claim demands it. */
/* The term is that of the policy under which the voucher was issued, not of the one in force. */
static tq_code publish_to(app *a, store_tx *tx, const call *c, int64_t claim_id, day from, day *to,
                          tq_err *err)
{
    int64_t policy_id = 0;
    int64_t kind_id = 0;
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_PUBLICATION_TERMS, ARGS(arg_int(claim_id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        TQ_ASSERT(more); /* a claim has a voucher */
        policy_id = row_int(&r);
        kind_id = row_int(&r);
    }
    const policy *p = NULL;
    policy_clock clock;
    str kind;
    TQ_TRY(app_policy_by_id(a, tx, policy_id, &p, err));
    TQ_TRY(voucher_kind_code(tx, kind_id, c->a, &kind, err));
    TQ_TRY(policy_clock_get(p, arena_copy(c->a, kind).data, "publicity", &clock, err));
    return clock_end(tx, c->who.programme_id, from, &clock, to, err);
}

static int by_number(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x;
    const int64_t b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

/* The list sorted, which is also the order of the locks; each claim once. */
static tq_code sorted_once(const call *c, const publication_new *rq, int64_t **out, tq_err *err)
{
    if (rq->n == 0 || rq->n > PUBLICATION_CLAIMS_MAX) {
        return tq_fail(err, TQ_LIMIT, "list_size", "publication.claims",
                       "a list has 1 to %d claims", PUBLICATION_CLAIMS_MAX);
    }
    int64_t *ids = ARENA_NEW(c->a, int64_t, rq->n);
    memcpy(ids, rq->claims, sizeof *ids * rq->n);
    qsort(ids, rq->n, sizeof *ids, by_number);
    for (size_t i = 1; i < rq->n; i++) {
        if (ids[i] == ids[i - 1]) {
            return tq_fail(err, TQ_INVALID, "twice", "publication.claims",
                           "a claim stands in the list twice");
        }
    }
    *out = ids;
    return TQ_OK;
}

/* Numbered in the order of the claims' ids: who is first in the list says nothing. */
static tq_code lines_write(store_tx *tx, const call *c, event *e, const int64_t *ids,
                           const publication_new *rq, int64_t publication_id, day to,
                           int64_t *total, tq_err *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < rq->n; i++) {
        event_value row[AUDITED_COLS_MAX];
        int64_t line_id = 0;
        TQ_TRY(claim_row(tx, c, ids[i], "registered", row, err));
        sum += row_num(row, C_CLAIM_APPROVED_FEN);
        event_change(e, T_CLAIM, ids[i]);
        event_text(e, C_CLAIM_STATE, STR("published"));
        event_int(e, C_CLAIM_PUBLISH_TO_DAY, to.n);
        TQ_TRY(event_new_row(tx, e, T_PUBLICATION_LINE, &line_id, err));
        event_int(e, C_PUBLICATION_LINE_PUBLICATION_ID, publication_id);
        event_int(e, C_PUBLICATION_LINE_CLAIM_ID, ids[i]);
        event_int(e, C_PUBLICATION_LINE_N, (int64_t)i + 1);
    }
    *total = sum;
    return TQ_OK;
}

/* Of a series of its own, for it is cited in notices; counted inside the transaction, so without gaps. */
static tq_code list_number(store_tx *tx, const call *c, event *e, char out[32], tq_err *err)
{
    programme_brief brief;
    int64_t year = 0;
    int64_t serial = 0;
    TQ_TRY(programme_read(tx, c->who.programme_id, &brief, err));
    TQ_TRY(fiscal_year(tx, c->who.programme_id, c->today, &year, err));
    TQ_TRY(event_serial(tx, e, "publication", year, &serial, err));
    const int n =
        snprintf(out, 32, "%s-%lld-G%06lld", brief.code, (long long)year, (long long)serial);
    TQ_ASSERT(serial > 0);
    TQ_ASSERT(n > 0 && n < 32);
    return TQ_OK;
}

/* One list, one last day: the longest term among its claims, so that nobody's is cut short. */
tq_code publication_open(app *a, const call *c, const publication_new *rq, publication_opened *out,
                         tq_err *err)
{
    int64_t *ids = NULL;
    TQ_TRY(sorted_once(c, rq, &ids, err));
    publication_opened p = {.from = rq->from.n == 0 ? c->today : rq->from};
    if (p.from.n < c->today.n) {
        return tq_fail(err, TQ_INVALID, "publication_day", "publication.from",
                       "a publication begins today or later");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    for (size_t i = 0; i < rq->n; i++) {
        day to;
        event_value row[AUDITED_COLS_MAX];
        TQ_TRY(claim_row(tx, c, ids[i], "registered", row, err));
        TQ_TRY(publish_to(a, tx, c, ids[i], p.from, &to, err));
        p.to = to.n > p.to.n ? to : p.to;
    }
    TQ_ASSERT(p.to.n >= p.from.n);

    event e = work_event(c, EV_PUBLICATION_OPEN);
    TQ_TRY(store_new_id(tx, T_PUBLICATION, &p.publication_id, err));
    TQ_TRY(lines_write(tx, c, &e, ids, rq, p.publication_id, p.to, &p.total_fen, err));
    TQ_TRY(list_number(tx, c, &e, p.number, err));
    event_create(&e, T_PUBLICATION, p.publication_id);
    event_int(&e, C_PUBLICATION_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_PUBLICATION_NUMBER, str_of(p.number));
    event_int(&e, C_PUBLICATION_FROM_DAY, p.from.n);
    event_int(&e, C_PUBLICATION_TO_DAY, p.to.n);
    event_int(&e, C_PUBLICATION_COUNT, (int64_t)rq->n);
    event_int(&e, C_PUBLICATION_TOTAL_FEN, p.total_fen);
    event_text(&e, C_PUBLICATION_STATE, STR("open"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = p;
    return TQ_OK;
}

tq_code publication_end(app *a, const call *c, int64_t publication_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(row_load(tx, T_PUBLICATION, publication_id, c->a, row, err));
    if (row_num(row, C_PUBLICATION_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "publication", "there is no such record");
    }
    if (!row_is(row, C_PUBLICATION_STATE, "open")) {
        return tq_fail(err, TQ_CONFLICT, "publication_state", "publication",
                       "it has ended already");
    }
    if (c->today.n <= row_num(row, C_PUBLICATION_TO_DAY)) {
        return tq_fail(err, TQ_CONFLICT, "still_open", "publication",
                       "the last day of the publication has not passed");
    }
    event e = work_event(c, EV_PUBLICATION_END);
    event_change(&e, T_PUBLICATION, publication_id);
    event_text(&e, C_PUBLICATION_STATE, STR("ended"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Anonymous objections are taken: name and contact may be empty. */
static tq_code objection_form(const objection_new *rq, tq_err *err)
{
    if (rq->ground.len == 0 || rq->ground.len > OBJECTION_TEXT_MAX || !str_utf8(rq->ground)) {
        return tq_fail(err, TQ_INVALID, "ground", "objection.ground",
                       "say in at most %d bytes what is wrong", OBJECTION_TEXT_MAX);
    }
    if ((rq->name.len > 0 && !str_line_ok(rq->name, 128)) ||
        (rq->contact.len > 0 && !str_line_ok(rq->contact, 128))) {
        return tq_fail(err, TQ_INVALID, "contact", "objection.contact",
                       "name and contact are one line each, or empty");
    }
    return TQ_OK;
}

/* A line that is objected to already may be objected to again; it is stopped once. */
static tq_code objection_claim(store_tx *tx, const call *c, int64_t claim_id, bool *stopped,
                               tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, row, err));
    *stopped = row_is(row, C_CLAIM_STATE, "objected");
    if (!*stopped) {
        TQ_TRY(claim_row(tx, c, claim_id, "published", row, err));
    }
    if (row_num(row, C_CLAIM_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "claim", "there is no such record");
    }
    if (c->today.n > row_num(row, C_CLAIM_PUBLISH_TO_DAY)) { /* R-OBJECT-010 */
        return tq_fail(err, TQ_REFUSED, "objection_late", "objection",
                       "the publication of this claim has ended; a tip can still be given");
    }
    return TQ_OK;
}

tq_code objection_file(app *a, const call *c, const objection_new *rq, int64_t *objection_id,
                       tq_err *err)
{
    TQ_TRY(objection_form(rq, err));
    TX_AUTO store_tx *tx = NULL;
    bool stopped = false;
    int64_t id = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_PUBLIC), &tx, err));
    TQ_TRY(objection_claim(tx, c, rq->claim_id, &stopped, err));

    event e = work_event(c, EV_OBJECTION_FILE);
    TQ_TRY(event_new_row(tx, &e, T_OBJECTION, &id, err));
    event_int(&e, C_OBJECTION_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_OBJECTION_CLAIM_ID, rq->claim_id);
    event_text(&e, C_OBJECTION_GROUND, rq->ground);
    event_int(&e, C_OBJECTION_DAY, c->today.n);
    event_text(&e, C_OBJECTION_STATE, STR("open"));
    if (rq->name.len > 0 || rq->contact.len > 0) {
        event_create(&e, T_OBJECTION_PRIVATE, id);
        event_text(&e, C_OBJECTION_PRIVATE_NAME, rq->name);
        event_text(&e, C_OBJECTION_PRIVATE_CONTACT, rq->contact);
    }
    if (!stopped) {
        event_change(&e, T_CLAIM, rq->claim_id);
        event_text(&e, C_CLAIM_STATE, STR("objected"));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *objection_id = id;
    return TQ_OK;
}

/* What the verdict does to the claim: undone, on as published, or nothing while others are open. */
static tq_code verdict_on_claim(store_tx *tx, const call *c, event *e, const claim_case *k,
                                int64_t objection_id, bool upheld, tq_err *err)
{
    if (!row_is(k->row, C_CLAIM_STATE, "objected")) {
        return TQ_OK; /* another objection was upheld before */
    }
    if (upheld) {
        TQ_TRY(register_follow(tx, c, k->id, row_num(k->row, C_CLAIM_PAID_FEN), REGISTER_OBJECTED,
                               err));
        return claim_undo_in(tx, e, k->id, "checked", err);
    }
    int64_t others = 0;
    TQ_TRY(store_int(tx, STMT_OBJECTION_OTHERS, ARGS(arg_int(k->id), arg_int(objection_id)), 0,
                     &others, err));
    if (others == 0) {
        event_change(e, T_CLAIM, k->id);
        event_text(e, C_CLAIM_STATE, STR("published"));
    }
    return TQ_OK;
}

tq_code objection_decide(app *a, const call *c, const objection_verdict *rq, int64_t *decision_id,
                         tq_err *err)
{
    TQ_ASSERT(rq->reason != NULL);
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t claim_id = 0;
    int64_t decision = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(store_int(tx, STMT_OBJECTION_CLAIM,
                     ARGS(arg_int(rq->objection_id), arg_int(c->who.programme_id)), 0, &claim_id,
                     err));
    if (claim_id == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "objection", "there is no such objection");
    }
    TQ_TRY(claim_case_open(a, tx, c, claim_id, false, &k, err));
    TQ_TRY(row_load(tx, T_OBJECTION, rq->objection_id, c->a, row, err));
    if (!row_is(row, C_OBJECTION_STATE, "open")) {
        return tq_fail(err, TQ_CONFLICT, "objection_state", "objection", "it is decided already");
    }
    /* Whoever claimed or reviewed does not judge the objection; the one who registered may. */
    TQ_TRY(act_apart(tx, c, T_CLAIM, claim_id, "register", err));

    event e = work_event(c, EV_OBJECTION_DECIDE);
    TQ_TRY(verdict_on_claim(tx, c, &e, k, rq->objection_id, rq->upheld, err));
    TQ_TRY(decision_add(tx, c, &e, T_OBJECTION, rq->objection_id,
                        rq->upheld ? "upheld" : "dismissed", rq->reason, k->policy_id, STR("{}"),
                        STR("[]"), &rq->paper, &decision, err));
    event_change(&e, T_OBJECTION, rq->objection_id);
    event_text(&e, C_OBJECTION_STATE, rq->upheld ? STR("upheld") : STR("dismissed"));
    event_int(&e, C_OBJECTION_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(claim_follow(a, tx, c, claim_id, err)); /* undone: back to the parties of today */
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}
