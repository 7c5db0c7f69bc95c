/* SPDX-License-Identifier: Apache-2.0 */
#include "app/outside.h"

#include "http/url.h"
#include "web/access_acts.h"
#include "web/gate.h"

#define COOKIE_PLAIN "tq_visit"
#define COOKIE_HTTPS "__Host-tq_visit"
#define NEXT_MAX 400
#define SECOND_US INT64_C(1000000)

/* What the browser carries from here to the provider and back: "secret|began|provider|next". The secret
 * alone proves something; whoever changes the rest in their own cookie gets another provider's refusal. */
typedef struct visit {
    str secret, next;
    const oidc_provider *provider;
} visit;

static const char *visit_cookie(const web_rq *w)
{
    return site_https(w->site) ? COOKIE_HTTPS : COOKIE_PLAIN;
}

static const char *visit_forgotten(const web_rq *w)
{
    return gate_cookie(w, visit_cookie(w), STR(""), true);
}

static const char *visit_kept(const web_rq *w, const visit *v)
{
    buf next = buf_max(3 * NEXT_MAX);
    url_encode(v->next, &next);
    const str value = arena_printf(w->call.a, "%.*s|%lld|%s|%.*s", STR_ARG(v->secret),
                                   (long long)(w->call.at.us / SECOND_US), v->provider->id,
                                   STR_ARG(buf_view(&next)));
    buf_free(&next);
    return gate_cookie(w, visit_cookie(w), value, true);
}

static str part(str *rest)
{
    const char *bar = memchr(rest->data, '|', rest->len);
    const str head = {rest->data, bar == NULL ? rest->len : (size_t)(bar - rest->data)};
    const size_t used = head.len + (bar != NULL);
    rest->data += used;
    rest->len -= used;
    return head;
}

/* INVALID/no_visit where there is none, or it began too long ago to be known to be unused. */
static tq_code visit_read(const web_rq *w, visit *out, tq_err *err)
{
    str rest = http_cookie(w->http, visit_cookie(w));
    long long began = 0;
    visit v = {.secret = part(&rest)};
    const str when = part(&rest);
    v.provider = oidc_of(site_sign_in(w->site), part(&rest));
    if (v.secret.len != BEARER_CHARS || v.provider == NULL || !str_int64(when, &began) ||
        began < (w->call.at.us - OUTSIDE_WAIT_US) / SECOND_US ||
        began > w->call.at.us / SECOND_US || !url_decode(rest, false, w->call.a, &v.next)) {
        return tq_fail(
            err, TQ_INVALID, "no_visit", NULL,
            "the sign-in outside was not begun in this browser, or too long ago; begin again");
    }
    *out = v;
    return TQ_OK;
}

static str label_of(const web_rq *w, const oidc_provider *p)
{
    return str_of(w->lang == LANG_EN ? p->label_en : p->label_zh);
}

/* A provider that has left the configuration is shown by its id. */
static str label_of_id(const web_rq *w, str id)
{
    const oidc_provider *p = oidc_of(site_sign_in(w->site), id);
    return p == NULL ? id : label_of(w, p);
}

static void way(const web_rq *w, doc *list, const oidc_provider *p, str next)
{
    doc *one = doc_object(list, NULL);
    buf q = buf_max(3 * NEXT_MAX);
    url_encode(next, &q);
    doc_text(one, "label", label_of(w, p));
    doc_text(one, "href",
             arena_printf(w->call.a, "/login/outside?provider=%s%s%.*s", p->id,
                          q.len > 0 ? "&next=" : "", STR_ARG(buf_view(&q))));
    buf_free(&q);
}

void sign_in_ways(const web_rq *w, doc *body)
{
    const oidc *o = site_sign_in(w->site);
    doc *list = doc_list(body, "ways");
    const str asked = http_arg(w->http, "next");
    for (size_t i = 0; i < oidc_count(o); i++) {
        way(w, list, oidc_at(o, i), web_own_path(asked) ? asked : STR(""));
    }
}

/* What went wrong, what to do, and the log-in of our own, which is always there. */
static tq_code refused_page(web_rq *w, const tq_err *why, http_reply *out, tq_err *err)
{
    if (w->json || strcmp(why->reason, "login_wait") == 0) { /* 429 is the site's own page */
        *err = *why;
        return why->code;
    }
    doc *body = doc_new(w->call.a);
    (void)memcpy(out->log_reason, why->reason, sizeof out->log_reason);
    doc_text(body, "reason", text_token(w->lang, "reason", str_of(why->reason)));
    doc_text(body, "detail", str_of(why->detail));
    doc_bool(body, "down", why->code == TQ_BUSY);
    doc_bool(body, "unlinked", false);
    sign_in_ways(w, body);
    page_title(body, text_token(w->lang, "text", STR("sign_in_failed")));
    return web_page(w, (unsigned)tq_code_http(why->code == TQ_FORBIDDEN ? TQ_INVALID : why->code),
                    "sign_in", body, out, err);
}

/* Known outside and unknown here: what is to be done is said, nothing is made. */
static tq_code unlinked_page(web_rq *w, const oidc_provider *p, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    doc_text(body, "reason", STR("outside_unlinked"));
    doc_text(body, "provider", str_of(p->id));
    if (w->json) {
        web_json(w, 403, body, out);
        return TQ_OK;
    }
    doc_text(body, "label", label_of(w, p));
    doc_bool(body, "unlinked", true);
    doc_bool(body, "organisations", p->people == OUTSIDE_ORGANISATION);
    page_title(body, text_token(w->lang, "text", STR("sign_in_unlinked")));
    return web_page(w, 403, "sign_in", body, out, err);
}

/* Asked without a provider: which there are. */
static tq_code ways_page(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    sign_in_ways(w, body);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    const bool none = oidc_count(site_sign_in(w->site)) == 0;
    doc_text(body, "reason", none ? text_token(w->lang, "text", STR("sign_in_none")) : STR(""));
    doc_text(body, "detail", STR(""));
    doc_bool(body, "down", false);
    doc_bool(body, "unlinked", false);
    return web_page(w, 200, "sign_in", body, out, err);
}

/* --- there ------------------------------------------------------------------------------------------- */

tq_code page_sign_in_begin(web_rq *w, http_reply *out, tq_err *err)
{
    oidc *o = site_sign_in(w->site);
    const bearer secret = bearer_new();
    const str asked = http_arg(w->http, "next");
    tq_err why = {0};
    str url = {0};
    const visit v = {.secret = str_of(secret.text),
                     .next = web_own_path(asked) ? asked : STR(""),
                     .provider = oidc_of(o, http_arg(w->http, "provider"))};
    if (v.provider == NULL) {
        return ways_page(w, out, err);
    }
    if (oidc_begin(o, v.provider, v.secret, &w->call, &url, &why) != TQ_OK) {
        return refused_page(w, &why, out, err);
    }
    http_reply_header(out, "Set-Cookie", str_of(visit_kept(w, &v)));
    web_go(out, url);
    return TQ_OK;
}

/* --- and back ---------------------------------------------------------------------------------------- */

static tq_code proven(web_rq *w, const visit *v, outside_proof *proof, tq_err *err)
{
    const call c = web_public(w);
    const oidc_back back = {.state = http_arg(w->http, "state"),
                            .code = http_arg(w->http, "code"),
                            .error = http_arg(w->http, "error"),
                            .issuer = http_arg(w->http, "iss")};
    return oidc_finish(site_sign_in(w->site), v->provider, v->secret, &back, &c, proof, err);
}

/* Who is logged in already has come to link: their session stays. */
static tq_code landed(web_rq *w, const visit *v, const outside_done *done, http_reply *out,
                      tq_err *err)
{
    const char *cookie = NULL;
    const char *path = NULL;
    switch (done->next) {
    case OUTSIDE_IN:
        TQ_TRY(web_signed(w, &done->in, v->next, &cookie, &path, err));
        http_reply_header(out, "Set-Cookie", str_of(visit_forgotten(w)));
        http_reply_header(out, "Set-Cookie", str_of(cookie));
        web_go(out, str_of(path));
        return TQ_OK;
    case OUTSIDE_CODE:
        web_go(out, STR("/login/outside/code"));
        return TQ_OK;
    case OUTSIDE_UNLINKED:
        break;
    }
    if (w->signed_in && !w->json) {
        web_go(out, STR("/me/sign-in"));
        return TQ_OK;
    }
    return unlinked_page(w, v->provider, out, err);
}

static tq_code come_back(web_rq *w, visit *v, outside_done *done, tq_err *err)
{
    const call c = web_public(w);
    outside_proof proof = {0};
    TQ_TRY(outside_may(w->app, &c, web_client(w), err));
    TQ_TRY(visit_read(w, v, err));
    TQ_TRY(proven(w, v, &proof, err));
    return outside_sign_in(w->app, &c, v->secret, &proof, done, err);
}

/* What counts against the address, as a wrong password does: a proof that does not hold. Not a provider that
 * is down, a person who cancels, or a page that was loaded again. */
static bool counts(const visit *v, const tq_err *why)
{
    return v->provider != NULL && why->code == TQ_INVALID &&
           strcmp(why->reason, "oidc_denied") != 0;
}

tq_code page_sign_in_back(web_rq *w, http_reply *out, tq_err *err)
{
    visit v = {0};
    outside_done done = {0};
    tq_err why = {0};
    if (come_back(w, &v, &done, &why) == TQ_OK) {
        return landed(w, &v, &done, out, err);
    }
    if (counts(&v, &why)) {
        const call c = web_public(w);
        TQ_TRY(outside_failed(w->app, &c, web_client(w), err));
    }
    return refused_page(w, &why, out, err);
}

tq_code act_sign_in_code(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_sign_in_code *f = (const in_sign_in_code *)in;
    const call c = web_public(w);
    visit v = {0};
    login_done now = {0};
    TQ_TRY(visit_read(w, &v, err));
    TQ_TRY(outside_code(w->app, &c, v.secret, f->code.s, web_client(w), &now, err));
    return web_signed(w, &now, v.next, &done->cookie, &done->path, err);
}

/* --- one's own links ----------------------------------------------------------------------------------- */

static tq_code links(web_rq *w, doc *body, tq_err *err)
{
    outside_row rows[OUTSIDE_LINKS_MAX];
    size_t n = 0;
    doc *list = doc_list(body, "links");
    TQ_TRY(outside_list(w->app, &w->call, rows, &n, err));
    for (size_t i = 0; i < n; i++) {
        doc *l = doc_object(list, NULL);
        doc_int(l, "link_id", rows[i].id);
        doc_text(l, "provider", rows[i].provider);
        doc_for_page(doc_text(l, "label", label_of_id(w, rows[i].provider)));
        doc_instant(l, "made", rows[i].made.us);
        doc_instant(l, "used", rows[i].used.us);
    }
    return TQ_OK;
}

tq_code page_sign_in_links(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    visit v = {0};
    tq_err none;
    str waiting = STR("");
    TQ_TRY(web_signed_in(w, err));
    TQ_TRY(links(w, body, err));
    if (visit_read(w, &v, &none) == TQ_OK) {
        TQ_TRY(outside_waiting(w->app, &w->call, v.secret, &waiting, err));
    }
    doc_text(body, "waiting", waiting);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    doc_text(body, "waiting_label", label_of_id(w, waiting));
    sign_in_ways(w, body);
    return web_page(w, 200, "sign_in_links", body, out, err);
}

tq_code act_sign_in_link(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_sign_in_link *f = (const in_sign_in_link *)in;
    visit v = {0};
    int64_t id = 0;
    TQ_TRY(web_self(w, err));
    TQ_TRY(visit_read(w, &v, err));
    const call c = web_again(w);
    TQ_TRY(outside_link(w->app, &c, v.secret, f->password.s, &id, err));
    done->cookie = visit_forgotten(w);
    done->path = "/me/sign-in";
    return TQ_OK;
}

tq_code act_sign_in_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_sign_in_end *f = (const in_sign_in_end *)in;
    TQ_TRY(web_self(w, err));
    done->path = "/me/sign-in";
    return outside_end(w->app, &w->call, f->link_id.n, err);
}

tq_code act_user_sign_in_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return outside_end_of(w->app, &w->call, w->match.id, err);
}
