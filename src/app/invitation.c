/* SPDX-License-Identifier: Apache-2.0 */
#include "app/invitation.h"

#include "app/access_inner.h"
#include "app/login.h"
#include "app/person_inner.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define INVITERS (R(SECADMIN) | R(FIRM_AGENT) | R(FIRM_FINANCE) | R(INST_AGENT))

static tq_code no_invitation(tq_err *err)
{
    return tq_fail(err, TQ_NOT_FOUND, "no_invitation", "link",
                   "the invitation was used, was withdrawn or is too old; ask for another");
}

static void invitation_note(event *e, const call *c, int64_t id, role r)
{
    user_note(e, c->who.user_id, "invitation",
              arena_printf(c->a, "%lld %s", (long long)id, role_name(r)));
}

tq_code invitation_send(app *a, const call *c, const invitation_rq *rq, int64_t *id, bearer *link,
                        tq_err *err)
{
    const grant_rq grant = {.role = rq->role,
                            .programme_id = rq->programme_id,
                            .org_id = rq->org_id,
                            .from = c->today,
                            .to = rq->to};
    const bearer made = bearer_new();
    const digest d = bearer_digest(str_of(made.text));
    int64_t open = 0;
    int64_t made_id = 0;
    if (c->who.for_user_id != 0) {
        return tq_fail(err, TQ_FORBIDDEN, "not_delegable", "invitation",
                       "a lent role invites nobody");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, INVITERS, &tx, err));
    TQ_TRY(grant_may_propose(c, &grant, err));
    TQ_TRY(grant_scope_need(tx, c, &grant, err));
    TQ_TRY(store_int(tx, STMT_INVITATION_OPEN_COUNT,
                     ARGS(arg_int(c->who.user_id), arg_int(c->at.us)), 0, &open, err));
    if (open >= INVITATIONS_OPEN_MAX) {
        return tq_fail(err, TQ_CONFLICT, "invitations_max", "invitation",
                       "%d of your invitations are unanswered; withdraw some",
                       INVITATIONS_OPEN_MAX);
    }
    TQ_TRY(store_int(tx, STMT_INVITATION_ADD,
                     ARGS(arg_blob(d.b, sizeof d.b), arg_str(str_of(role_name(rq->role))),
                          arg_int(rq->programme_id), arg_int(rq->org_id), arg_int(rq->to.n),
                          arg_int(c->who.user_id), arg_int(c->who.person_id),
                          arg_str(str_of(role_name(c->who.role))), arg_int(c->who.programme_id),
                          arg_int(c->who.org_id), arg_int(c->at.us + INVITATION_LIFE_US)),
                     0, &made_id, err));
    event e = work_event(c, EV_INVITATION_SEND);
    invitation_note(&e, c, made_id, rq->role);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id = made_id;
    *link = made;
    return TQ_OK;
}

typedef struct invited {
    invitation_view v;
    day to;
    actor by; /* the inviter, as they were when they invited */
} invited;

static void view_read(store_rows *r, const call *c, invitation_view *v)
{
    v->id = row_int(r);
    v->role = role_of(row_text(r));
    v->programme_id = row_int(r);
    v->org_id = row_int(r);
    v->programme_code = row_copy(r, c->a);
    v->org_name = row_copy(r, c->a);
    v->state = row_copy(r, c->a);
    v->ends.us = row_int(r);
}

static tq_code invited_read(store_tx *tx, const call *c, str link, invited *out, tq_err *err)
{
    const digest d = bearer_digest(link);
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_INVITATION_BY_TOKEN,
                       ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return no_invitation(err);
    }
    view_read(&r, c, &out->v);
    out->to.n = (int32_t)row_int(&r);
    out->by = (actor){0};
    out->by.user_id = row_int(&r);
    out->by.person_id = row_int(&r);
    out->by.role = role_of(row_text(&r));
    out->by.programme_id = row_int(&r);
    out->by.org_id = row_int(&r);
    return TQ_OK;
}

tq_code invitation_find(app *a, const call *c, str link, invitation_view *out, tq_err *err)
{
    invited found = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(invited_read(tx, c, link, &found, err));
    *out = found.v;
    return TQ_OK;
}

static tq_code answer_need(const invitation_answer *rq, tq_err *err)
{
    TQ_TRY(line_need(rq->name, "person.name", err));
    TQ_TRY(line_may(rq->phone, "person.phone", err));
    TQ_TRY(login_form_need(rq->login, err));
    return password_need(rq->password, rq->login, err);
}

/* Person, log-in, password and the asked-for role, in the inviter's name and by the inviter's rights. */
static tq_code guest_add(store_tx *tx, const call *by, const invited *in,
                         const invitation_answer *rq, const password_hash *hash, int64_t *user_id,
                         int64_t *grant_id, tq_err *err)
{
    const person_rq person = {.name = rq->name, .phone = rq->phone};
    int64_t person_id = 0;
    TQ_TRY(person_add(tx, by, &person, &person_id, err));
    TQ_TRY(user_add(tx, by, person_id, rq->login, in->v.org_id, user_id, err));
    TQ_TRY(credential_write(tx, by, *user_id, hash, false, err));
    const grant_rq grant = {.user_id = *user_id,
                            .role = in->v.role,
                            .programme_id = in->v.programme_id,
                            .org_id = in->v.org_id,
                            .from = by->today,
                            .to = in->to};
    event e = work_event(by, EV_INVITATION_ACCEPT);
    TQ_TRY(grant_add(tx, by, &e, &grant, "proposed", grant_id, err));
    TQ_TRY(act_once(tx, by, &e, T_ROLE_GRANT, *grant_id, "grant_make", err));
    invitation_note(&e, by, in->v.id, in->v.role);
    return event_append(tx, &e, NULL, err);
}

tq_code invitation_accept(app *a, const call *c, str link, const invitation_answer *rq,
                          int64_t *user_id, int64_t *grant_id, tq_err *err)
{
    invited in = {0};
    password_hash hash;
    int64_t user = 0;
    int64_t grant = 0;
    int64_t taken = 0;
    TX_AUTO store_tx *look = NULL;
    TQ_TRY(work_read(a, &look, err));
    TQ_TRY(invited_read(look, c, link, &in, err));
    TQ_TRY(store_commit(&look, err));
    TQ_TRY(answer_need(rq, err));
    TQ_TRY(password_hash_make(rq->password, &hash, err));
    call by = *c;
    by.who = in.by;
    TX_AUTO store_tx *tx = NULL;
    /* R-ACCESS-090: an inviter who no longer holds the role has invited nobody. */
    const tq_code code = work_begin(a, &by, INVITERS, &tx, err);
    if (code == TQ_FORBIDDEN) {
        return no_invitation(err);
    }
    TQ_TRY(code);
    TQ_TRY(guest_add(tx, &by, &in, rq, &hash, &user, &grant, err));
    TQ_TRY(store_run(tx, STMT_INVITATION_TAKE, ARGS(arg_int(in.v.id), arg_int(user)), &taken, err));
    if (taken != 1) {
        return no_invitation(err);
    }
    TQ_TRY(store_commit(&tx, err));
    *user_id = user;
    *grant_id = grant;
    return TQ_OK;
}

tq_code invitation_end(app *a, const call *c, int64_t id, tq_err *err)
{
    int64_t inviter = 0;
    int64_t ended = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, INVITERS, &tx, err));
    TQ_TRY(store_int(tx, STMT_INVITATION_INVITER, ARGS(arg_int(id)), 0, &inviter, err));
    if (inviter == 0 || (inviter != c->who.user_id && c->who.role != ROLE_SECADMIN)) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "invitation", "there is no such record");
    }
    TQ_TRY(store_run(tx, STMT_INVITATION_END, ARGS(arg_int(id), arg_int(c->at.us)), &ended, err));
    if (ended == 0) {
        return tq_fail(err, TQ_CONFLICT, "invitation_over", "invitation",
                       "the invitation was answered or withdrawn, or has run out");
    }
    event e = work_event(c, EV_INVITATION_END);
    invitation_note(&e, c, id, ROLE_NONE);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code invitation_list(app *a, const call *c, invitation_view *out, size_t room, size_t *n,
                        tq_err *err)
{
    size_t count = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_INVITATION_LIST,
                       ARGS(arg_int(c->who.role == ROLE_SECADMIN ? 0 : c->who.user_id),
                            arg_int((int64_t)room), arg_int(c->at.us)),
                       &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < room);
        view_read(&r, c, &out[count++]);
    }
    *n = count;
    return TQ_OK;
}
