/* SPDX-License-Identifier: Apache-2.0 */
#include "app/person.h"

#include "app/login.h"
#include "web/access_acts.h"

#define HAND_OVER_MAX 64 /* roles of one log-in */

/* An agent's requests are about the own organisation without saying so. */
static int64_t org_asked(const web_rq *w, const field_slot *org)
{
    return w->scope.reach == REACH_ORG && !org->given ? w->call.who.org_id : org->n;
}

tq_code act_user_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_user_open *f = (const in_user_open *)in;
    const person_rq person = {.name = f->name.s, .phone = f->phone.s, .id_no = f->id_no.s};
    done->view = VIEW_USER_ACCOUNT;
    return user_open_new(w->app, &w->call, &person, f->login.s, org_asked(w, &f->org_id), &done->id,
                         err);
}

tq_code act_user_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return user_close(w->app, &w->call, w->match.id, err);
}

tq_code act_user_unlock(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return login_unlock(w->app, &w->call, w->match.id, err);
}

tq_code act_user_link(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const call c = web_again(w);
    bearer link;
    (void)in;
    TQ_TRY(password_link(w->app, &c, w->match.id, &link, err));
    const str back = arena_printf(w->call.a, "/users/%lld", (long long)w->match.id);
    web_once_line(w, web_once(w, done, back.data), "link", web_link(w, "/password", &link));
    return TQ_OK;
}

tq_code act_user_factor_reset(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return factor_reset(w->app, &w->call, w->match.id, err);
}

tq_code act_user_sessions_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    int64_t n = 0;
    (void)in;
    (void)done;
    return sessions_end_of(w->app, &w->call, w->match.id, &n, err);
}

tq_code act_user_hand_over(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_user_hand_over *f = (const in_user_hand_over *)in;
    int64_t grants[HAND_OVER_MAX];
    size_t n = 0;
    done->view = VIEW_USER_ACCOUNT;
    done->id = f->to_user_id.n; /* where the roles now wait for a confirmation */
    return user_hand_over(w->app, &w->call, w->match.id, f->to_user_id.n, grants, HAND_OVER_MAX, &n,
                          err);
}

/* The log-in's page stays, with nobody's name on it. */
tq_code act_person_erase(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const int at = view_field_at(view_of(VIEW_USER_ACCOUNT), "person_id");
    TQ_ASSERT(at >= 0);
    (void)in;
    (void)done;
    return person_erase(w->app, &w->call, w->row.values[at].n, err);
}

/* --- roles ---------------------------------------------------------------------------------------- */

tq_code act_grant_propose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_grant_propose *f = (const in_grant_propose *)in;
    const grant_rq rq = {
        .user_id = f->user_id.n,
        .role = role_of(f->role.s),
        .programme_id = f->everywhere.n != 0 ? 0 : w->programme.id,
        .org_id = org_asked(w, &f->org_id),
        .from = {(int32_t)f->from.n},
        .to = {(int32_t)f->to.n},
    };
    done->view = VIEW_ROLE_GRANT;
    return grant_propose(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_grant_confirm(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return grant_confirm(w->app, &w->call, w->match.id, err);
}

tq_code act_grant_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return grant_end(w->app, &w->call, w->match.id, err);
}

/* --- delegations ---------------------------------------------------------------------------------- */

tq_code act_delegation_set(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_delegation_set *f = (const in_delegation_set *)in;
    const delegation_rq rq = {
        .to_user_id = f->to_user_id.n,
        .programme_id = f->everywhere.n != 0 ? 0 : w->programme.id,
        .from = {(int32_t)f->from.n},
        .to = {(int32_t)f->to.n},
        .limit_fen = f->limit.n,
    };
    done->view = VIEW_DELEGATION;
    return delegation_set(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_delegation_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return delegation_end(w->app, &w->call, w->match.id, err);
}
