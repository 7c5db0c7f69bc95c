/* SPDX-License-Identifier: Apache-2.0 */
#include "app/registration.h"

#include "app/invitation.h"
#include "web/access_acts.h"

#define INVITATIONS_SHOWN 200

tq_code act_registration_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_registration_file *f = (const in_registration_file *)in;
    const registration_rq rq = {
        .kind = f->kind.s,
        .credit_code = f->credit_code.s,
        .name = f->name.s,
        .region = f->region.s,
        .contact = f->contact.s,
        .phone = f->phone.s,
        .login = f->login.s,
        .password = f->new_password.s,
        .address = web_client(w),
    };
    const call c = web_public(w);
    registration_filed filed;
    TQ_TRY(registration_file(w->app, &c, &rq, &filed, err));
    doc *once = web_once(w, done, "/progress");
    web_once_line(w, once, "number", arena_printf(w->call.a, "%lld", (long long)filed.id));
    web_once_line(w, once, "secret", arena_copy(w->call.a, str_of(filed.secret.text)));
    return TQ_OK;
}

tq_code act_progress(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_progress *f = (const in_progress *)in;
    const call c = web_public(w);
    registration_view v;
    const tq_code code = registration_status(w->app, &c, f->number.n, f->secret.s, &v, err);
    if (code == TQ_NOT_FOUND) { /* one answer for a wrong number and a wrong secret */
        return tq_fail(err, TQ_INVALID, "no_registration", "number",
                       "no registration has this number and secret");
    }
    TQ_TRY(code);
    doc *d = doc_new(w->call.a);
    doc_int(d, "number", v.id);
    doc_token(d, "state", "state.registration", v.state);
    doc_token(d, "kind", "org_kind", v.kind);
    doc_text(d, "name", v.name);
    doc_text(d, "login", v.login);
    doc_day(d, "filed_day", v.filed.n);
    doc_day(d, "decided_day", v.decided.n);
    doc_text(d, "reason", v.reason);
    doc_bool(d, "own_agent", v.own_agent);
    done->once = d;
    done->once_page = "progress";
    return TQ_OK;
}

tq_code act_registration_confirm(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_registration_confirm *f = (const in_registration_confirm *)in;
    registration_done made;
    (void)done;
    return registration_confirm(w->app, &w->call, w->match.id, f->place_id.n, &made, err);
}

tq_code act_registration_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_registration_refuse *f = (const in_registration_refuse *)in;
    (void)done;
    return registration_refuse(w->app, &w->call, w->match.id, f->reason.s, err);
}

/* --- invitations ---------------------------------------------------------------------------------- */

tq_code page_invitations(web_rq *w, http_reply *out, tq_err *err)
{
    invitation_view *all = ARENA_NEW(w->call.a, invitation_view, INVITATIONS_SHOWN);
    size_t n = 0;
    doc *body = doc_new(w->call.a);
    TQ_TRY(invitation_list(w->app, &w->call, all, INVITATIONS_SHOWN, &n, err));
    doc *list = doc_list(body, "invitations");
    for (size_t i = 0; i < n; i++) {
        doc *o = doc_object(list, NULL);
        doc_int(o, "invitation_id", all[i].id);
        doc_token(o, "role", "role", str_of(role_name(all[i].role)));
        doc_text(o, "programme", all[i].programme_code);
        doc_text(o, "organisation", all[i].org_name);
        doc_token(o, "state", "invitation_state", all[i].state);
        doc_instant(o, "ends", all[i].ends.us);
        doc_for_page(doc_bool(o, "open", str_eq(all[i].state, STR("open"))));
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "invitations", body, out, err);
}

tq_code act_invitation_send(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_invitation_send *f = (const in_invitation_send *)in;
    const bool agent = w->scope.reach == REACH_ORG; /* one account over all programmes */
    const invitation_rq rq = {
        .role = role_of(f->role.s),
        .programme_id = agent || f->everywhere.n != 0 ? 0 : w->programme.id,
        .org_id = agent ? w->call.who.org_id : f->org_id.n,
        .to = {(int32_t)f->to.n},
    };
    const call c = web_again(w);
    int64_t id = 0;
    bearer link;
    TQ_TRY(invitation_send(w->app, &c, &rq, &id, &link, err));
    doc *once = web_once(w, done, "/invitations");
    doc_int(once, "invitation_id", id);
    web_once_line(w, once, "link", web_link(w, "/invite", &link));
    return TQ_OK;
}

tq_code act_invitation_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_invitation_end *f = (const in_invitation_end *)in;
    done->path = "/invitations";
    return invitation_end(w->app, &w->call, f->invitation_id.n, err);
}

tq_code act_invitation_accept(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_invitation_accept *f = (const in_invitation_accept *)in;
    const invitation_answer rq = {
        .name = f->name.s, .phone = f->phone.s, .login = f->login.s, .password = f->new_password.s};
    const call c = web_public(w);
    int64_t user_id = 0;
    int64_t grant_id = 0;
    const tq_code code = invitation_accept(w->app, &c, f->token.s, &rq, &user_id, &grant_id, err);
    if (code == TQ_NOT_FOUND) {
        return tq_fail(err, TQ_INVALID, "no_invitation", "token",
                       "the invitation is not good, or not any more");
    }
    done->path = "/login";
    return code;
}
