/* SPDX-License-Identifier: Apache-2.0 */
#include "app/login.h"
#include "web/acts.h"
#include "web/gate.h"

/* A way on within the site: "/claims/5". What a browser could read as another host is no such way. */
static bool own_path(str path)
{
    return path.len > 0 && path.data[0] == '/' && (path.len == 1 || (path.data[1] != '/' && path.data[1] != '\\')) &&
           str_line_ok(path, 400) && memchr(path.data, '\\', path.len) == NULL;
}

tq_code act_login(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_login *f = (const in_login *)in;
    const login_rq rq = {
        .login = f->login.s,
        .password = f->password.s,
        .code = f->code.s,
        .address = str_of(w->http->address),
    };
    call as_public = w->call;
    login_done in_now;
    as_public.who = (actor){.role = ROLE_PUBLIC};
    as_public.idem = NULL; /* a log-in makes a session each time */
    TQ_TRY(login_try(w->app, &as_public, &rq, &in_now, err));
    const str name = gate_session_cookie(w);
    done->cookie = gate_cookie(w, name.data, str_of(arena_copy(w->call.a, str_of(in_now.session.text)).data), true);
    done->path = in_now.must == MUST_PASSWORD ? "/me/password"
                 : in_now.must == MUST_FACTOR ? "/me/factor"
                 : own_path(f->next.s)        ? arena_copy(w->call.a, f->next.s).data
                                              : "/work";
    return TQ_OK;
}

tq_code act_logout(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    const str name = gate_session_cookie(w);
    const str token = http_cookie(w->http, name.data);
    call c = w->call;
    c.idem = NULL;
    if (token.len > 0) {
        TQ_TRY(session_end(w->app, &c, token, err));
    }
    done->cookie = gate_cookie(w, name.data, STR(""), true);
    done->path = "/";
    return TQ_OK;
}

tq_code act_role_choose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_role_choose *f = (const in_role_choose *)in;
    for (size_t i = 0; i < w->caller.n_roles; i++) {
        if (str_eq(f->as.s, gate_role_text(&w->caller.roles[i], w->call.a))) {
            done->cookie = gate_cookie(w, COOKIE_ROLE, f->as.s, false);
            done->path = "/work";
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INVALID, "role_held", "as", "you do not hold this role today");
}

tq_code page_me(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    if (!w->signed_in) {
        return tq_fail(err, TQ_FORBIDDEN, "not_signed_in", NULL, "log in first");
    }
    doc_text(body, "login", w->caller.login);
    doc_text(body, "name", w->caller.name);
    doc *roles = doc_list(body, "roles_held");
    for (size_t i = 0; i < w->caller.n_roles; i++) {
        const caller_role *r = &w->caller.roles[i];
        doc *o = doc_object(roles, NULL);
        doc_token(o, "role", "role", str_of(role_name(r->role)));
        doc_text(o, "organisation", r->org_name);
        doc_bool(o, "lent", r->for_user_id != 0);
        doc_day(o, "to", r->to.n);
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "me", body, out, err);
}
