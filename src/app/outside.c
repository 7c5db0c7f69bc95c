/* SPDX-License-Identifier: Apache-2.0 */
#include "app/outside.h"

#include "app/access_inner.h"

#define OUTSIDE "outside" /* kind of the keyed hash of a subject */

/* Length before text: no two pairs of issuer and subject have one spelling. */
static tq_code subject_key(store_tx *tx, const call *c, const outside_proof *p, subject *out,
                           tq_err *err)
{
    TQ_ASSERT(p->issuer.len > 0 && p->subject.len > 0);
    const str both =
        arena_printf(c->a, "%zu:%.*s%.*s", p->issuer.len, STR_ARG(p->issuer), STR_ARG(p->subject));
    return subject_of(tx, OUTSIDE, both, out, err);
}

static str people_word(outside_people p)
{
    return p == OUTSIDE_STAFF ? STR("staff") : STR("organisation");
}

/* R-ACCESS-130: a portal for firms opens no desk of the administration, and the other way round. */
static tq_code people_need(store_tx *tx, int64_t user_id, str people, tq_err *err)
{
    int64_t of_organisation = 0;
    TQ_TRY(store_int(tx, STMT_OUTSIDE_PEOPLE, ARGS(arg_int(user_id)), 0, &of_organisation, err));
    if (str_eq(people, STR("organisation")) != (of_organisation != 0)) {
        return tq_fail(
            err, TQ_FORBIDDEN, "outside_people", "provider",
            "this provider is not for log-ins of this kind; use the other, or log in here");
    }
    return TQ_OK;
}

/* Takes its place in the list of visits; R-ACCESS-120: a second one finds it taken. */
static tq_code visit_add(store_tx *tx, const call *c, str visit, const outside_proof *p,
                         const subject *who, int64_t waits_for, tq_err *err)
{
    const digest d = bearer_digest(visit);
    const str kept = waits_for == 0 && who != NULL ? str_of(who->text) : STR("");
    int64_t added = 0;
    TQ_ASSERT(visit.len == BEARER_CHARS);
    TQ_TRY(store_run(tx, STMT_OUTSIDE_VISIT_ADD,
                     ARGS(arg_blob(d.b, sizeof d.b), arg_str(p->provider),
                          arg_str(people_word(p->people)), arg_str(kept), arg_int(waits_for),
                          arg_int(c->at.us + OUTSIDE_WAIT_US)),
                     &added, err));
    if (added != 1) {
        return tq_fail(err, TQ_CONFLICT, "outside_used", "state",
                       "this sign-in was used already; begin again");
    }
    return TQ_OK;
}

typedef struct waiting {
    str provider, people, subject;
    int64_t user_id;
} waiting;

static tq_code no_visit(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "no_visit", NULL,
                   "the sign-in outside was too long ago or is used; begin again");
}

/* Under the row's lock, so that of two codes typed at once one is judged after the other. */
static tq_code visit_read(store_tx *tx, const call *c, str visit, waiting *out, tq_err *err)
{
    const digest d = bearer_digest(visit);
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_OUTSIDE_VISIT_GET,
                       ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return no_visit(err);
    }
    out->provider = row_copy(&r, c->a);
    out->people = row_copy(&r, c->a);
    out->subject = row_copy(&r, c->a);
    out->user_id = row_int(&r);
    return TQ_OK;
}

static tq_code visit_spend(store_tx *tx, str visit, tq_err *err)
{
    const digest d = bearer_digest(visit);
    int64_t spent = 0;
    TQ_TRY(store_run(tx, STMT_OUTSIDE_VISIT_SPEND, ARGS(arg_blob(d.b, sizeof d.b)), &spent, err));
    return spent == 1 ? TQ_OK : no_visit(err);
}

tq_code outside_may(app *a, const call *c, str address, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    return address_need(tx, c, address, err);
}

tq_code outside_failed(app *a, const call *c, str address, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(address_failed(tx, c, address, err));
    return store_commit(&tx, err);
}

static tq_code link_find(store_tx *tx, const subject *who, int64_t *link_id, int64_t *user_id,
                         tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_OUTSIDE_LINK_FIND, ARGS(arg_str(str_of(who->text))), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    *link_id = more ? row_int(&r) : 0;
    *user_id = more ? row_int(&r) : 0;
    return TQ_OK;
}

/* A code is asked of whoever has an app or printed codes, as beside a password. */
static tq_code known_user(store_tx *tx, const call *c, str visit, const outside_proof *p,
                          int64_t user_id, outside_done *out, tq_err *err)
{
    credential user = {0};
    bool has_factor = false;
    bool right = false;
    TQ_TRY(people_need(tx, user_id, people_word(p->people), err));
    TQ_TRY(credential_read(tx, c, user_id, &user, err));
    TQ_TRY(factor_take(tx, c, user_id, STR(""), &has_factor, &right, err));
    if (has_factor && !p->factor_shown && !user.factor_free) {
        out->next = OUTSIDE_CODE;
        return visit_add(tx, c, visit, p, NULL, user_id, err);
    }
    out->next = OUTSIDE_IN;
    TQ_TRY(visit_add(tx, c, visit, p, NULL, 0, err));
    return login_enter(tx, c, &user, has_factor, p->factor_shown, &out->in, err);
}

tq_code outside_sign_in(app *a, const call *c, str visit, const outside_proof *proof,
                        outside_done *out, tq_err *err)
{
    outside_done done = {.next = OUTSIDE_UNLINKED};
    subject who;
    int64_t link_id = 0;
    int64_t user_id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(subject_key(tx, c, proof, &who, err));
    TQ_TRY(link_find(tx, &who, &link_id, &user_id, err));
    if (user_id == 0) {
        TQ_TRY(visit_add(tx, c, visit, proof, &who, 0, err));
    } else {
        TQ_TRY(known_user(tx, c, visit, proof, user_id, &done, err));
        TQ_TRY(store_run(tx, STMT_OUTSIDE_LINK_USED, ARGS(arg_int(link_id), arg_int(c->at.us)),
                         NULL, err));
    }
    TQ_TRY(store_commit(&tx, err));
    *out = done;
    return TQ_OK;
}

/* Is the log-in not locked, and the code right? Otherwise the failure is counted, as at the log-in. */
static tq_code code_right(store_tx *tx, const call *c, const credential *user, str code,
                          str address, bool *in, tq_err *err)
{
    subject who;
    instant until = {0};
    bool has_factor = false;
    TQ_TRY(subject_of(tx, "login", user->login, &who, err));
    TQ_TRY(failure_until(tx, &who, &until, err));
    if (until.us > c->at.us) {
        *in = false; /* a locked log-in counts no further */
        return TQ_OK;
    }
    TQ_TRY(factor_take(tx, c, user->user_id, code, &has_factor, in, err));
    return *in ? failure_clear(tx, &who, err)
               : login_failed(tx, c, user->user_id, user->login, address, err);
}

tq_code outside_code(app *a, const call *c, str visit, str code, str address, login_done *out,
                     tq_err *err)
{
    waiting w = {0};
    credential user = {0};
    login_done done = {0};
    bool in = false;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(address_need(tx, c, address, err));
    TQ_TRY(visit_read(tx, c, visit, &w, err));
    if (w.user_id == 0 || credential_read(tx, c, w.user_id, &user, err) == TQ_NOT_FOUND) {
        return no_visit(err); /* closed meanwhile, or a proof that waits to be linked */
    }
    TQ_TRY(code_right(tx, c, &user, code, address, &in, err));
    if (in) {
        TQ_TRY(visit_spend(tx, visit, err));
        TQ_TRY(login_enter(tx, c, &user, true, false, &done, err));
    }
    TQ_TRY(store_commit(&tx, err));
    if (!in) {
        return login_refused(err);
    }
    *out = done;
    return TQ_OK;
}

tq_code outside_waiting(app *a, const call *c, str visit, str *provider, tq_err *err)
{
    const digest d = bearer_digest(visit);
    bool more = false;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_OUTSIDE_VISIT_LOOK,
                       ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    *provider = STR("");
    if (more) {
        const str found = row_copy(&r, c->a);
        *provider = row_int(&r) == 0 ? found : STR("");
    }
    return TQ_OK;
}

static tq_code link_free(store_tx *tx, const call *c, const waiting *w, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_OUTSIDE_LINK_TAKEN,
                       ARGS(arg_str(w->subject), arg_int(c->who.user_id), arg_str(w->provider)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    if (row_int(&r) > 0) {
        return tq_fail(err, TQ_CONFLICT, "outside_taken", NULL,
                       "this account outside is linked to a log-in already");
    }
    if (row_int(&r) > 0) {
        return tq_fail(err, TQ_CONFLICT, "outside_linked", NULL,
                       "your log-in is linked to another account there; end that link first");
    }
    return TQ_OK;
}

/* R-ACCESS-120: two proofs, the provider's and the password, and both within minutes. */
tq_code outside_link(app *a, const call *c, str visit, str password, int64_t *id, tq_err *err)
{
    waiting w = {0};
    int64_t made = 0;
    TQ_TRY(password_again(a, c, password, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    TQ_TRY(visit_read(tx, c, visit, &w, err));
    if (w.subject.len == 0) {
        return no_visit(err);
    }
    TQ_TRY(people_need(tx, c->who.user_id, w.people, err));
    TQ_TRY(link_free(tx, c, &w, err));
    TQ_TRY(visit_spend(tx, visit, err));
    TQ_TRY(store_int(tx, STMT_OUTSIDE_LINK_ADD,
                     ARGS(arg_str(w.provider), arg_str(w.subject), arg_int(c->who.user_id),
                          arg_int(c->at.us)),
                     0, &made, err));
    event e = self_event(c, EV_OUTSIDE_LINK);
    user_note(&e, c->who.user_id, "provider", w.provider);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id = made;
    return TQ_OK;
}

tq_code outside_list(app *a, const call *c, outside_row out[OUTSIDE_LINKS_MAX], size_t *n,
                     tq_err *err)
{
    size_t count = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_OUTSIDE_LINK_LIST,
                       ARGS(arg_int(c->who.user_id), arg_int(OUTSIDE_LINKS_MAX)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < OUTSIDE_LINKS_MAX);
        outside_row *l = &out[count++];
        l->id = row_int(&r);
        l->provider = row_copy(&r, c->a);
        l->made.us = row_int(&r);
        l->used.us = row_int(&r);
    }
    *n = count;
    return TQ_OK;
}

static tq_code link_owner(store_tx *tx, const call *c, int64_t id, int64_t *owner, str *provider,
                          tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_OUTSIDE_LINK_GET, ARGS(arg_int(id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    *owner = more ? row_int(&r) : 0;
    *provider = more ? row_copy(&r, c->a) : STR("");
    return TQ_OK;
}

/* No password is asked: to have one way in less is never worse for the account. */
tq_code outside_end(app *a, const call *c, int64_t id, tq_err *err)
{
    int64_t owner = 0;
    str provider = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    TQ_TRY(link_owner(tx, c, id, &owner, &provider, err));
    if (owner != c->who.user_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "link", "there is no such record");
    }
    TQ_TRY(store_run(tx, STMT_OUTSIDE_LINK_END, ARGS(arg_int(id)), NULL, err));
    event e = self_event(c, EV_OUTSIDE_END);
    user_note(&e, owner, "provider", provider);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Whoever came in that way may be in still, so sessions end with the links. */
tq_code outside_end_of(app *a, const call *c, int64_t user_id, tq_err *err)
{
    int64_t ended = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN), &tx, err));
    TQ_TRY(store_run(tx, STMT_OUTSIDE_LINK_END_OF_USER, ARGS(arg_int(user_id)), &ended, err));
    if (ended == 0) {
        return tq_fail(err, TQ_CONFLICT, "outside_none", "user",
                       "no outside account is linked to this log-in");
    }
    TQ_TRY(sessions_drop(tx, user_id, NULL, err));
    event e = work_event(c, EV_OUTSIDE_END);
    user_note(&e, user_id, NULL, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
