/* SPDX-License-Identifier: Apache-2.0 */
#include "web/access_acts.h"

#include <arpa/inet.h>

#include "web/gate.h"

str web_client(const web_rq *w)
{
    struct in6_addr six;
    char text[INET6_ADDRSTRLEN];
    /* A household has 2^64 addresses of version 6: it is its network that is counted. */
    if (strchr(w->http->address, ':') == NULL || inet_pton(AF_INET6, w->http->address, &six) != 1) {
        return str_of(w->http->address);
    }
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        TQ_ASSERT(inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text) != NULL);
        return arena_copy(w->call.a, str_of(text));
    }
    memset(&six.s6_addr[8], 0, 8);
    TQ_ASSERT(inet_ntop(AF_INET6, &six, text, sizeof text) != NULL);
    return arena_printf(w->call.a, "%s/64", text);
}

tq_code web_signed_in(const web_rq *w, tq_err *err)
{
    return w->signed_in ? TQ_OK : tq_fail(err, TQ_FORBIDDEN, "not_signed_in", NULL, "log in first");
}

tq_code web_self(const web_rq *w, tq_err *err)
{
    TQ_TRY(web_signed_in(w, err));
    if (w->caller.by_token) {
        return tq_fail(err, TQ_FORBIDDEN, "not_by_token", NULL,
                       "a program does not change its user's account");
    }
    return TQ_OK;
}

call web_public(const web_rq *w)
{
    call c = w->call;
    c.who = (actor){.role = ROLE_PUBLIC};
    c.idem = NULL;
    return c;
}

call web_again(const web_rq *w)
{
    call c = w->call;
    c.idem = NULL;
    return c;
}

doc *web_once(web_rq *w, web_done *done, const char *next)
{
    doc *d = doc_new(w->call.a);
    (void)doc_for_page(doc_list(d, "lines"));
    doc_for_page(doc_text(d, "next", str_of(next)));
    done->once = d;
    return d;
}

void web_once_line(const web_rq *w, doc *once, const char *key, str value)
{
    doc *line = doc_object(doc_find(once, "lines"), NULL);
    doc_text(line, "label", text_token(w->lang, "field", str_of(key)));
    doc_text(line, "value", value);
    doc_text(once, key, value);
}

str web_link(const web_rq *w, const char *path, const bearer *secret)
{
    /* Never the Host of the request: who can choose it would choose where the secret goes. */
    return arena_printf(w->call.a, "%s%s?token=%s", site_base(w->site), path, secret->text);
}

bool web_own_path(str path)
{
    return path.len > 0 && path.data[0] == '/' &&
           (path.len == 1 || (path.data[1] != '/' && path.data[1] != '\\')) &&
           str_line_ok(path, 400) && memchr(path.data, '\\', path.len) == NULL;
}

tq_code web_signed(web_rq *w, const login_done *in, str next, const char **cookie,
                   const char **path, tq_err *err)
{
    const call as_public = web_public(w);
    const str name = gate_session_cookie(w);
    const str before = http_cookie(w->http, name.data);
    if (before.len > 0) { /* the cookie that this one replaces opens nothing any more */
        TQ_TRY(session_end(w->app, &as_public, before, err));
    }
    *cookie = gate_cookie(w, name.data, str_of(in->session.text), true);
    *path = in->must == MUST_PASSWORD ? "/me/password"
            : in->must == MUST_FACTOR ? "/me/factor"
            : web_own_path(next)      ? arena_copy(w->call.a, next).data
                                      : "/work";
    return TQ_OK;
}

tq_code act_login(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_login *f = (const in_login *)in;
    const login_rq rq = {
        .login = f->login.s,
        .password = f->password.s,
        .code = f->code.s,
        .address = web_client(w),
    };
    const call as_public = web_public(w); /* a log-in makes a session each time */
    login_done in_now;
    TQ_TRY(login_try(w->app, &as_public, &rq, &in_now, err));
    return web_signed(w, &in_now, f->next.s, &done->cookie, &done->path, err);
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
    TQ_TRY(web_signed_in(w, err));
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

/* --- one's own account: open to whoever is logged in, whatever role they hold or must earn first --------- */

tq_code act_password_change(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_password_change *f = (const in_password_change *)in;
    TQ_TRY(web_self(w, err));
    const call c = web_again(w);
    TQ_TRY(password_change(w->app, &c, f->password.s, f->new_password.s, err));
    /* All sessions have ended with the old password. */
    done->cookie = gate_cookie(w, gate_session_cookie(w).data, STR(""), true);
    done->path = "/login";
    return TQ_OK;
}

tq_code page_factor(web_rq *w, http_reply *out, tq_err *err)
{
    factor_state now;
    doc *body = doc_new(w->call.a);
    TQ_TRY(web_signed_in(w, err));
    TQ_TRY(factor_look(w->app, &w->call, &now, err));
    doc_bool(body, "app", now.app);
    doc_int(body, "codes_left", now.codes_left);
    doc_bool(body, "required", now.required);
    doc_instant(body, "password_changed", now.password_changed.us);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "factor", body, out, err);
}

tq_code act_factor_begin(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_factor_begin *f = (const in_factor_begin *)in;
    factor_new made;
    TQ_TRY(web_self(w, err));
    const call c = web_again(w);
    TQ_TRY(factor_begin(w->app, &c, f->password.s, &made, err));
    doc *once = web_once(w, done, "/me/factor/confirm");
    web_once_line(w, once, "factor_secret", arena_copy(w->call.a, str_of(made.base32)));
    web_once_line(w, once, "otpauth", made.uri);
    return TQ_OK;
}

tq_code act_factor_confirm(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_factor_confirm *f = (const in_factor_confirm *)in;
    TQ_TRY(web_self(w, err));
    const call c = web_again(w);
    done->path = "/me/factor";
    return factor_confirm(w->app, &c, f->code.s, err);
}

tq_code act_factor_codes(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_factor_codes *f = (const in_factor_codes *)in;
    printed_code codes[PRINTED_CODES];
    TQ_TRY(web_self(w, err));
    const call c = web_again(w);
    TQ_TRY(factor_codes(w->app, &c, f->password.s, codes, err));
    doc *once = web_once(w, done, "/me/factor");
    doc *list = doc_list(once, "codes");
    for (size_t i = 0; i < PRINTED_CODES; i++) {
        const str text = arena_copy(w->call.a, str_of(codes[i].text));
        doc *line = doc_object(doc_find(once, "lines"), NULL);
        doc_text(line, "label", arena_printf(w->call.a, "%zu", i + 1));
        doc_text(line, "value", text);
        doc_text(list, NULL, text);
    }
    return TQ_OK;
}

/* The link of a forgotten or first password, given by a security administrator. */
tq_code act_password_by_link(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_password_by_link *f = (const in_password_by_link *)in;
    const call c = web_public(w);
    const tq_code code = password_by_link(w->app, &c, f->token.s, f->new_password.s, err);
    if (code == TQ_NOT_FOUND) { /* the form says so, instead of a page that is not there */
        return tq_fail(err, TQ_INVALID, "no_link", "token",
                       "the link is not good, or not any more");
    }
    done->path = "/login";
    return code;
}
