/* SPDX-License-Identifier: Apache-2.0 */
#include "web/gate.h"

#include <strings.h>

#include "app/token.h"
#include "web/site_inner.h"

#define BEARER "Bearer "

str gate_session_cookie(const web_rq *w)
{
    return site_https(w->site) ? STR("__Host-tq") : STR("tq");
}

const char *gate_cookie(const web_rq *w, const char *name, str value, bool secret)
{
    const char *life = value.len == 0 ? "; Max-Age=0" : secret ? "" : "; Max-Age=31536000";
    return arena_printf(w->call.a, "%s=%.*s; Path=/; SameSite=Lax%s%s%s", name, STR_ARG(value),
                        secret ? "; HttpOnly" : "", site_https(w->site) ? "; Secure" : "", life)
        .data;
}

str gate_role_text(const caller_role *r, arena *a)
{
    return arena_printf(a, "%s.%lld.%lld.%lld", role_name(r->role), (long long)r->programme_id,
                        (long long)r->org_id, (long long)r->for_user_id);
}

static bool accepts(const http_request *rq, const char *type)
{
    const str accept = http_header(rq, "Accept");
    return accept.len > 0 && memmem(accept.data, accept.len, type, strlen(type)) != NULL;
}

/* Browsers name text/html; whoever sends a token or JSON and does not, is a program. */
static bool wants_json(const http_request *rq)
{
    if (accepts(rq, "application/json")) {
        return true;
    }
    return !accepts(rq, "text/html") &&
           (rq->body_kind == HTTP_JSON || http_header(rq, "Authorization").len > 0);
}

static void languages(web_rq *w)
{
    str wanted = http_arg(w->http, "lang");
    if (wanted.len == 0) {
        wanted = http_cookie(w->http, COOKIE_LANG);
    }
    w->lang = language_of(http_header(w->http, "Accept-Language"), wanted);
}

/* A cookie beside a bearer token is not looked at: what a page could make a browser send stays out. */
static tq_code who(web_rq *w, tq_err *err)
{
    const str authorization = http_header(w->http, "Authorization");
    tq_code code = TQ_NOT_FOUND;
    if (authorization.len > 0) {
        const str head = STR(BEARER);
        if (!str_starts(authorization, head)) {
            return tq_fail(err, TQ_FORBIDDEN, "not_signed_in", NULL,
                           "send a token as `Bearer tqt_…`");
        }
        const str token = {authorization.data + head.len, authorization.len - head.len};
        code = token_find(w->app, &w->call, token, &w->caller, err);
        if (code == TQ_NOT_FOUND) {
            return tq_fail(err, TQ_FORBIDDEN, "not_signed_in", NULL,
                           "the token is not good, or not any more");
        }
    } else {
        const str name = gate_session_cookie(w);
        const str token = http_cookie(w->http, name.data);
        if (token.len > 0) {
            code = session_find(w->app, &w->call, token, &w->caller, err);
        }
    }
    if (code != TQ_OK && code != TQ_NOT_FOUND) {
        return code;
    }
    w->signed_in = code == TQ_OK;
    return TQ_OK;
}

/* Of several the newest programme's: an older one is history. A role of one's own before a lent one. */
static bool role_nearer(const caller_role *r, const caller_role *than)
{
    if (than == NULL || r->programme_id != than->programme_id) {
        return than == NULL || r->programme_id > than->programme_id;
    }
    return r->for_user_id == 0 && than->for_user_id != 0;
}

static const caller_role *role_wanted(const web_rq *w)
{
    const str header = http_header(w->http, "Tq-Role");
    const str wanted = header.len > 0 ? header : http_cookie(w->http, COOKIE_ROLE);
    const caller_role *named = NULL;
    const caller_role *any = NULL;
    for (size_t i = 0; i < w->caller.n_roles; i++) {
        const caller_role *r = &w->caller.roles[i];
        if (str_eq(wanted, gate_role_text(r, w->call.a))) {
            return r;
        }
        /* A program may write the role alone. */
        if (str_eq(wanted, str_of(role_name(r->role))) && role_nearer(r, named)) {
            named = r;
        }
        any = role_nearer(r, any) ? r : any;
    }
    return named != NULL ? named : any;
}

static void act_as(web_rq *w)
{
    w->call.who = (actor){.role = ROLE_PUBLIC, .programme_id = w->programme.id};
    if (!w->signed_in) {
        return;
    }
    w->as = role_wanted(w);
    if (w->as != NULL) {
        const int64_t own = w->as->programme_id;
        w->call.who = caller_actor(&w->caller, w->as, own != 0 ? own : w->programme.id);
    } else {
        w->call.who.user_id = w->caller.user_id;
        w->call.who.person_id = w->caller.person_id;
    }
}

bool web_may(const web_rq *w, const route *r)
{
    const role acting = w->call.who.role;
    if (!role_in(acting, r->roles) && !role_in(ROLE_PUBLIC, r->roles)) {
        return false;
    }
    return !(w->signed_in && w->caller.read_only && r->kind >= ROUTE_MAKE && r->kind <= ROUTE_DO);
}

tq_code gate_enter(web_rq *w, tq_err *err)
{
    const route *r = w->match.route;
    w->json = wants_json(w->http);
    languages(w);
    w->style.lang = w->lang;
    TQ_TRY(site_programme(w, err));
    TQ_TRY(who(w, err));
    act_as(w);
    if (w->as != NULL && w->as->programme_id != 0 && w->as->programme_id != w->programme.id) {
        TQ_TRY(site_programme_of(w, w->as->programme_id, err));
    }
    w->scope = view_scope_of(&w->call.who);
    if (r == NULL) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_address", NULL,
                       "there is nothing at this address");
    }
    if (web_may(w, r)) {
        return TQ_OK;
    }
    if (!w->signed_in) {
        return tq_fail(err, TQ_FORBIDDEN, "not_signed_in", NULL, "log in first");
    }
    return tq_fail(err, TQ_NOT_FOUND, "no_such_address", NULL, "there is nothing at this address");
}

/* Browsers say where a form stands; a foreign page's is refused, also where there is no session yet. */
static tq_code origin(const web_rq *w, tq_err *err)
{
    const str from = http_header(w->http, "Origin");
    const str site = http_header(w->http, "Sec-Fetch-Site");
    const bool foreign_site =
        site.len > 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"));
    if (foreign_site ||
        (from.len > 0 && !site_own_origin(w->site, from, http_header(w->http, "Host")))) {
        return tq_fail(err, TQ_FORBIDDEN, "csrf", NULL, "this was asked for by another site");
    }
    return TQ_OK;
}

/* What makes two requests the same: every field but those that each form draws anew. */
static digest body_hash(const web_rq *w)
{
    const http_request *rq = w->http;
    buf all = buf_max(HTTP_REPLY_MAX);
    buf_printf(&all, "%d/%lld\n", (int)rq->body_kind, (long long)w->match.id);
    buf_str_add(&all, rq->body);
    for (size_t i = 0; i < rq->n_form; i++) {
        if (rq->form[i].name.len > 0 && rq->form[i].name.data[0] != '_') {
            buf_printf(&all, "%zu:%.*s=%zu:%.*s\n", rq->form[i].name.len, STR_ARG(rq->form[i].name),
                       rq->form[i].value.len, STR_ARG(rq->form[i].value));
        }
    }
    for (size_t i = 0; i < rq->n_files; i++) {
        buf_printf(&all, "%.*s@%s\n", STR_ARG(rq->files[i].field), rq->files[i].sha256);
    }
    const digest d = hash_of(HASH_SHA256, buf_view(&all));
    buf_free(&all);
    return d;
}

static tq_code idempotency(web_rq *w, tq_err *err)
{
    str key = http_header(w->http, "Idempotency-Key");
    if (key.len == 0) {
        key = input_raw(w->http, STR("_idem"));
    }
    if (key.len == 0) {
        return TQ_OK;
    }
    TQ_TRY(idem_key_check(key, err));
    w->once = (idem){
        .actor = w->signed_in ? arena_printf(w->call.a, "user:%lld", (long long)w->caller.user_id)
                              : arena_printf(w->call.a, "from:%s", w->http->address),
        .route = arena_printf(w->call.a, "POST %s", w->match.route->path),
        .key = key,
        .body = body_hash(w),
    };
    w->call.idem = &w->once;
    return TQ_OK;
}

tq_code gate_change(web_rq *w, tq_err *err)
{
    TQ_TRY(origin(w, err));
    if (w->signed_in && !w->caller.by_token) {
        const str header = http_header(w->http, "X-CSRF");
        const str given = header.len > 0 ? header : input_raw(w->http, STR("_csrf"));
        if (!secret_eq(given, str_of(w->caller.csrf))) {
            return tq_fail(err, TQ_FORBIDDEN, "csrf", "_csrf",
                           "the page is too old; load it again");
        }
    }
    return idempotency(w, err);
}
